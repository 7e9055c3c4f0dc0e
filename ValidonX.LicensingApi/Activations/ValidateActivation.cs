using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary><c>POST /v1/integration/activations/{id}/validate</c>: as hot as the license's own validation, and as cheap when warm.</summary>
internal sealed class ValidateActivation(ActivationViews activations, LicenseViews licenses, LicenseUse use, TimeProvider time)
{
    public Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        if (!Guid.TryParseExact(context.Request.RouteValues["id"] as string, "D", out var id))
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.ActivationNotFound);
        }

        var tenantId = caller.Placement.TenantId;
        if (!activations.TryFind(tenantId, id, out var activation))
        {
            return FindAndAnswerAsync(context, caller, id);
        }

        if (activation is null)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.ActivationNotFound);
        }

        return licenses.TryFind(tenantId, activation.LicenseKey, out var license)
            ? AnswerAsync(context, caller, activation, license)
            : FindAndAnswerAsync(context, caller, id);
    }

    private async Task FindAndAnswerAsync(HttpContext context, Caller caller, Guid id)
    {
        var activation = await activations.FindAsync(caller.Placement, id, context.RequestAborted);
        var license = activation is null ? null : await licenses.FindAsync(caller.Placement, activation.LicenseKey, context.RequestAborted);
        await AnswerAsync(context, caller, activation, license);
    }

    private Task AnswerAsync(HttpContext context, Caller caller, ActivationView? activation, LicenseView? license)
    {
        if (activation is null || license is null)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.ActivationNotFound);
        }

        var state = license.Terms.StateAt(time.GetUtcNow());
        if (state == LicenseState.Revoked)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseRevoked);
        }

        use.Note(caller.Placement, license);
        return Envelope.WriteRawAsync(context, StatusCodes.Status200OK, activation.Validity(license, state));
    }
}
