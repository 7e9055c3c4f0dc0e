using Microsoft.AspNetCore.Http.Features;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>
/// <c>POST /v1/integration/activations/{id}/validate</c>: as hot as the license's own validation, and as cheap when warm. A seat that is leased costs one read.
/// </summary>
internal sealed class ValidateActivation(ActivationViews activations, LicenseViews licenses, FingerprintHasher hasher, LicenseUse use, TimeProvider time)
{
    public Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        if (!Guid.TryParseExact(context.Request.RouteValues["id"] as string, "D", out var id))
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.ActivationNotFound);
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            return AnswerQuestionAsync(context, caller, id);
        }

        var tenantId = caller.Placement.TenantId;
        if (!activations.TryFind(tenantId, id, out var activation))
        {
            return FindAndAnswerAsync(context, caller, id, null);
        }

        if (activation is null)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.ActivationNotFound);
        }

        return licenses.TryFind(tenantId, activation.LicenseKey, out var license)
            ? AnswerAsync(context, caller, activation, license, null)
            : FindAndAnswerAsync(context, caller, id, null);
    }

    private async Task AnswerQuestionAsync(HttpContext context, Caller caller, Guid id) =>
        await FindAndAnswerAsync(context, caller, id, (await Body<ActivationQuestion>.ReadAsync(context)).Value);

    private async Task FindAndAnswerAsync(HttpContext context, Caller caller, Guid id, ActivationQuestion? question)
    {
        var activation = await activations.FindAsync(caller.Placement, id, context.RequestAborted);
        var license = activation is null ? null : await licenses.FindAsync(caller.Placement, activation.LicenseKey, context.RequestAborted);
        await AnswerAsync(context, caller, activation, license, question);
    }

    private Task AnswerAsync(HttpContext context, Caller caller, ActivationView? activation, LicenseView? license, ActivationQuestion? question)
    {
        if (activation is null || license is null)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.ActivationNotFound);
        }

        var now = time.GetUtcNow();
        var state = license.Terms.StateAt(now);
        if (state == LicenseState.Revoked)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.LicenseRevoked);
        }

        if (license.Refusal(state, question?.Region, now) is { } restricted)
        {
            return Envelope.WriteErrorAsync(context, restricted);
        }

        use.Note(caller.Placement, license);
        return activation.Row.IsLeased || question?.Fingerprints is { Count: > 0 }
            ? AnswerAnewAsync(context, caller, activation, license, state, question, now)
            : Envelope.WriteRawAsync(context, StatusCodes.Status200OK, activation.Validity(license, state));
    }

    private async Task AnswerAnewAsync(
        HttpContext context, Caller caller, ActivationView activation, LicenseView license, LicenseState state, ActivationQuestion? question, DateTimeOffset now)
    {
        var row = activation.Row.IsLeased ? await activations.ReadAsync(caller.Placement, activation.Row.Id, context.RequestAborted) : activation.Row;
        var isOtherMachine = question?.Fingerprints is { Count: > 0 } components
            && !row.Fingerprints.Match(hasher.Hash(row.LicenseId, components), license.Terms.Policy.FingerprintMatch);
        await Envelope.WriteAsync(
            context, StatusCodes.Status200OK, ActivationValidity.Of(row, isOtherMachine, license, state, now), LicensingJson.Default.ActivationValidity);
    }
}
