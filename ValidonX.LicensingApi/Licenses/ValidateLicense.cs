using ValidonX.LicensingApi.Callers;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Licenses;

/// <summary><c>POST /v1/integration/licenses/{licenseKey}/validate</c>: the hot path. Warm, it asks neither database nor Redis.</summary>
internal sealed class ValidateLicense(LicenseViews licenses, LicenseUse use, TimeProvider time)
{
    public Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        if (LicenseKeyText.FromPath(context) is not { } key)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
        }

        return licenses.TryFind(caller.Placement.TenantId, key, out var license)
            ? AnswerAsync(context, caller, license)
            : FindAndAnswerAsync(context, caller, key);
    }

    private async Task FindAndAnswerAsync(HttpContext context, Caller caller, string key) =>
        await AnswerAsync(context, caller, await licenses.FindAsync(caller.Placement, key, context.RequestAborted));

    private Task AnswerAsync(HttpContext context, Caller caller, LicenseView? license)
    {
        if (license is null)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
        }

        var state = license.Terms.StateAt(time.GetUtcNow());
        if (state == LicenseState.Revoked)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseRevoked);
        }

        use.Note(caller.Placement, license);
        return Envelope.WriteRawAsync(context, StatusCodes.Status200OK, license.Validity(state));
    }
}
