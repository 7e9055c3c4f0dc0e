using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations in the Integration API (CONTRACT §3).</summary>
internal static class ActivationEndpoints
{
    public static void MapActivations(this RouteGroupBuilder integration)
    {
        integration.MapPost("/activations", ActivateAsync).AcceptIdempotencyKey().Is(
            new Operation("activate", "Takes a seat of a license for an instance of an app.", [Answers.Created<ActivationAnswer>(), Answers.Ok<ActivationAnswer>()])
            {
                Description = "201 for a new activation, 200 for one that the instance has already. However many ask at once, no more get a seat than there are.",
                Errors = [ApiErrors.LicenseNotFound, ApiErrors.LicenseRevoked, ApiErrors.ActivationLimitExceeded(10, 10), ApiErrors.ActivationInvalid],
            });
        integration.MapHandler<ValidateActivation>("/activations/{id}/validate", handler => handler.HandleAsync).Is(
            "validateActivation", "Validates an activation and its license.", Answers.Ok<ActivationValidity>(), ApiErrors.ActivationNotFound, ApiErrors.LicenseRevoked);
    }

    private static Task<IResult> ActivateAsync(HttpContext context, Caller caller, Body<ActivationRequest> body, ActivateInstance activate) =>
        activate.ExecuteAsync(
            caller.Placement,
            body.Value,
            context.Change<SeatTaken>("activation.created", caller.Placement.TenantId, seat => seat.IsNew
                ? ApiResult.Created(new ActivationAnswer(seat.Activation.Show()), LicensingJson.Default.ActivationAnswer)
                : ApiResult.Ok(new ActivationAnswer(seat.Activation.Show()), LicensingJson.Default.ActivationAnswer)));
}
