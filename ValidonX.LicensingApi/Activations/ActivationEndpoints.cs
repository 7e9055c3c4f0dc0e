using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations in the Integration API (CONTRACT §3).</summary>
internal static class ActivationEndpoints
{
    /// <summary>Most bytes of an activation's or usage event's metadata.</summary>
    public const int MaximumMetadataBytes = 8 * 1024;

    private const int MaximumNameLength = 255;

    public static void MapActivations(this RouteGroupBuilder integration)
    {
        integration.MapPost("/activations", ActivateAsync).AcceptIdempotencyKey();
        integration.MapPost("/activations/{id}/validate", integration.Handler<ValidateActivation>(handler => handler.HandleAsync));
    }

    private static async Task<IResult> ActivateAsync(HttpContext context, ActivateInstance activate)
    {
        var body = await RequestBody.ReadAsync(context);
        var request = new ActivationRequest(
            body.RequiredText("license_key", Licenses.LicenseKeyText.MaximumLength),
            body.RequiredText(body.Has("instance_id") || !body.Has("fingerprint") ? "instance_id" : "fingerprint", MaximumNameLength),
            body.OptionalText("device_fingerprint", MaximumNameLength),
            body.OpaqueObject("metadata", MaximumMetadataBytes));
        body.ThrowIfInvalid();

        var placement = context.GetCaller().Placement;
        return await activate.ExecuteAsync(
            placement,
            request,
            context.Change<SeatTaken>("activation.created", placement.TenantId, seat => seat.IsNew
                ? ApiResult.Created(new ActivationAnswer(seat.Activation.Show()), LicensingJson.Default.ActivationAnswer)
                : ApiResult.Ok(new ActivationAnswer(seat.Activation.Show()), LicensingJson.Default.ActivationAnswer)));
    }
}
