using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Policies;
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
                Description = "201 for a new activation, 200 for one that the instance has already. However many ask at once, no more get a seat than there are. "
                    + "A seat of a floating license, or of a workload, is leased: it is held until `lease_expires_at`, and longer with heartbeats.",
                Errors =
                [
                    ApiErrors.LicenseNotFound,
                    ApiErrors.ActivationNotFound,
                    ApiErrors.LicenseRevoked,
                    ApiErrors.LicenseRestricted(Reasons.Region, null),
                    ApiErrors.ActivationLimitExceeded(10, 10),
                    ApiErrors.ActivationChurnExceeded(3, 30, DateTimeOffset.UnixEpoch),
                    ApiErrors.ActivationInvalidBecause(Reasons.LicenseExpired),
                    ApiErrors.ActivationOfAnotherMachine(Reasons.FingerprintMismatch),
                ],
            });
        integration.MapHandler<ValidateActivation>("/activations/{id}/validate", handler => handler.HandleAsync).Reads<ActivationQuestion>().Is(
            new Operation("validateActivation", "Validates an activation and its license.", [Answers.Ok<ActivationValidity>()])
            {
                Description = "`reason` says why it is not valid.",
                Errors = [ApiErrors.ActivationNotFound, ApiErrors.LicenseRevoked, ApiErrors.LicenseRestricted(Reasons.Region, null)],
            });
        integration.MapPost("/activations/{id}/heartbeat", HeartbeatAsync).Is(
            new Operation("heartbeatActivation", "Keeps a leased seat.", [Answers.Ok<ActivationAnswer>()])
            {
                Description = "The seat is held until `lease_expires_at` of the answer. A heartbeat that comes later gets it back while it is free. A seat without a lease is kept as it is.",
                Errors =
                [
                    ApiErrors.ActivationNotFound,
                    ApiErrors.LicenseRevoked,
                    ApiErrors.LicenseRestricted(Reasons.Region, null),
                    ApiErrors.ActivationLimitExceeded(10, 10),
                    ApiErrors.ActivationInvalidBecause(Reasons.LicenseExpired),
                    ApiErrors.SeatLost(Reasons.SeatTaken),
                ],
            });
        integration.MapDelete("/activations/{id}", ReleaseAsync).Is(
            new Operation("releaseActivation", "Gives a seat back.", [Answers.Ok<ActivationAnswer>()])
            {
                Description = "Giving it back again changes nothing.",
                Errors = [ApiErrors.ActivationNotFound],
            });
    }

    private static Task<IResult> HeartbeatAsync(
        HttpContext context, PathId id, Caller caller, Body<HeartbeatRequest> body, HeartbeatActivation heartbeat, TimeProvider time) =>
        heartbeat.ExecuteAsync(
            caller.Placement,
            id,
            body.Value.Region,
            context.Change<ActivationRow>("activation.created", caller.Placement.TenantId, row => Show(row, time)));

    private static Task<IResult> ReleaseAsync(HttpContext context, PathId id, Caller caller, EndActivation end, TimeProvider time) =>
        end.ReleaseAsync(caller.Placement, id, context.Change<ActivationRow>("activation.revoked", caller.Placement.TenantId, row => Show(row, time)));

    private static IApiResult Show(ActivationRow row, TimeProvider time) => ApiResult.Ok(new ActivationAnswer(row.Show(time.GetUtcNow())), LicensingJson.Default.ActivationAnswer);

    private static Task<IResult> ActivateAsync(HttpContext context, Caller caller, Body<ActivationRequest> body, ActivateInstance activate, TimeProvider time) =>
        activate.ExecuteAsync(
            caller.Placement,
            body.Value,
            context.Change<SeatTaken>("activation.created", caller.Placement.TenantId, seat => seat.IsNew
                ? ApiResult.Created(new ActivationAnswer(seat.Activation.Show(time.GetUtcNow())), LicensingJson.Default.ActivationAnswer)
                : Show(seat.Activation, time)));
}
