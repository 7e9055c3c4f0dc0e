using Microsoft.AspNetCore.Http.Features;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.SlowQueries;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Licenses;

/// <summary><c>POST /v1/integration/licenses/{licenseKey}/validate</c>: the hot path. Warm, it asks neither database nor Redis.</summary>
internal sealed class ValidateLicense(LicenseViews licenses, LicenseUse use, SignLease lease, SlowQueryWatch watch, TimeProvider time)
{
    public Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        if (LicenseKeyText.FromPath(context) is not { } key)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            return WatchAsync(context, caller, key, AnswerQuestionAsync);
        }

        return licenses.TryFind(caller.Placement.TenantId, key, out var license)
            ? AnswerAsync(context, caller, license)
            : WatchAsync(context, caller, key, FindAndAnswerAsync);
    }

    /// <summary>Who is not answered from memory may wait for the database.</summary>
    private Task WatchAsync(HttpContext context, Caller caller, string key, Func<HttpContext, Caller, string, Task> answer) =>
        watch.RunAsync(context, caller.Placement.TenantId, one => answer(one, caller, key));

    private async Task FindAndAnswerAsync(HttpContext context, Caller caller, string key) =>
        await AnswerAsync(context, caller, await licenses.FindAsync(caller.Placement, key, context.RequestAborted));

    /// <summary>Off the hot path: who sends a body may want the verdict signed.</summary>
    private async Task AnswerQuestionAsync(HttpContext context, Caller caller, string key)
    {
        var question = (await Body<LeaseQuestion>.ReadAsync(context)).Value;
        var license = await licenses.FindAsync(caller.Placement, key, context.RequestAborted);
        if (!question.Lease || license is null || license.Terms.Status == LicenseStatus.Revoked)
        {
            await AnswerAsync(context, caller, license, question.Region);
            return;
        }

        var now = time.GetUtcNow();
        var state = license.Terms.StateAt(now);
        if (license.Refusal(state, question.Region, now) is { } restricted)
        {
            await Envelope.WriteErrorAsync(context, restricted);
            return;
        }

        var answer = LicenseView.IsValid(state)
            ? license.Validity(state, await lease.SignAsync(caller, license, question, now, context.RequestAborted))
            : license.Validity(state);
        use.Note(caller.Placement, license);
        // What was signed is good for a while, for whoever has it.
        context.Response.Headers.CacheControl = "no-store";
        await Envelope.WriteRawAsync(context, StatusCodes.Status200OK, answer);
    }

    private Task AnswerAsync(HttpContext context, Caller caller, LicenseView? license, string? region = null)
    {
        if (license is null)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
        }

        var now = time.GetUtcNow();
        var state = license.Terms.StateAt(now);
        if (state == LicenseState.Revoked)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseRevoked);
        }

        if (license.Refusal(state, region, now) is { } restricted)
        {
            return Envelope.WriteErrorAsync(context, restricted);
        }

        use.Note(caller.Placement, license);
        return Envelope.WriteRawAsync(context, StatusCodes.Status200OK, license.Validity(state));
    }
}
