using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations under <c>/v1/tenant/activations</c> (CONTRACT §6.1).</summary>
internal static class TenantActivationEndpoints
{
    public static void MapTenantActivations(this RouteGroupBuilder tenant)
    {
        var activations = tenant.MapGroup("/activations").WithTags("Activations");
        activations.MapGet("/", ListAsync).Is("listActivations", "Lists activations, newest first.", Answers.Page<ShownActivation>());
        activations.MapGet("/{id}", GetAsync).Is("getActivation", "Shows an activation.", Answers.Ok<ActivationAnswer>(), ApiErrors.ActivationNotFound);
        activations.MapDelete("/{id}", RevokeAsync).For(Permissions.WriteActivations).Is(
            new Operation("revokeActivation", "Revokes an activation and frees its seat.", [Answers.Ok<ActivationAnswer>()])
            {
                Description = "The row is kept with `status: \"revoked\"`. Revoking again changes nothing.",
                Errors = [ApiErrors.ActivationNotFound],
            });
    }

    private static async Task<IResult> ListAsync(Caller caller, Query<ActivationFilter> query, TenantActivations activations, TimeProvider time, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await activations.ListAsync(caller.Placement, query.Value, cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownActivation>>([.. items.Select(row => row.Show(time.GetUtcNow()))], LicensingJson.Default.IReadOnlyListShownActivation, nextCursor);
    }

    private static async Task<IResult> GetAsync(PathId id, Caller caller, TenantActivations activations, TimeProvider time, CancellationToken cancellationToken) =>
        await activations.FindAsync(caller.Placement, id, cancellationToken) is { } row ? Show(row, time) : ApiResult.Error(ApiErrors.ActivationNotFound);

    private static Task<IResult> RevokeAsync(HttpContext context, PathId id, Caller caller, EndActivation end, TimeProvider time) =>
        end.RevokeAsync(caller.Placement, id, context.Change<ActivationRow>("activation.revoked", caller.Placement.TenantId, row => Show(row, time)));

    private static IApiResult Show(ActivationRow row, TimeProvider time) => ApiResult.Ok(new ActivationAnswer(row.Show(time.GetUtcNow())), LicensingJson.Default.ActivationAnswer);
}

/// <summary>Which activations a list shows.</summary>
internal sealed record ActivationFilter : ListQuery
{
    /// <summary>Only those of this license.</summary>
    public Guid? LicenseId { get; init; }

    /// <summary>Only those in this state.</summary>
    [Words(ActivationStatus.Active, ActivationStatus.Revoked, ActivationStatus.Released, ActivationStatus.Expired, ActivationStatus.TakenOver)]
    public string? Status { get; init; }
}
