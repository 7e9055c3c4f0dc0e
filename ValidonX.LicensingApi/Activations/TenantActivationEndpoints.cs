using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations under <c>/v1/tenant/activations</c> (CONTRACT §6.1).</summary>
internal static class TenantActivationEndpoints
{
    public static void MapTenantActivations(this RouteGroupBuilder tenant)
    {
        var activations = tenant.MapGroup("/activations");
        activations.MapGet("/", ListAsync);
        activations.MapGet("/{id}", GetAsync);
        activations.MapDelete("/{id}", RevokeAsync).For(CallerRequirement.User(TenantRole.Developer));
    }

    private static async Task<IResult> ListAsync(HttpContext context, TenantActivations activations)
    {
        var page = PageRequest.From(context);
        var query = new QueryFilters(context.Request.Query);
        var licenseId = query.Id("license_id");
        var status = query.Choice("status", [ActivationStatus.Active, ActivationStatus.Revoked]);
        query.ThrowIfInvalid();
        var (items, nextCursor) = await activations.ListAsync(context.GetCaller().Placement, licenseId, status, page, context.RequestAborted);
        return ApiResult.Page<IReadOnlyList<ShownActivation>>([.. items.Select(row => row.Show())], LicensingJson.Default.IReadOnlyListShownActivation, nextCursor);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, TenantActivations activations) =>
        Guid.TryParseExact(id, "D", out var known) && await activations.FindAsync(context.GetCaller().Placement, known, context.RequestAborted) is { } row
            ? ApiResult.Ok(new ActivationAnswer(row.Show()), LicensingJson.Default.ActivationAnswer)
            : ApiResult.Error(ApiErrors.ActivationNotFound);

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, TenantActivations activations)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.ActivationNotFound);
        }

        var placement = context.GetCaller().Placement;
        return await activations.RevokeAsync(
            placement,
            known,
            context.Change<ActivationRow>(
                "activation.revoked", placement.TenantId, row => ApiResult.Ok(new ActivationAnswer(row.Show()), LicensingJson.Default.ActivationAnswer)));
    }
}
