using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.FeatureFlags;

/// <summary>Feature flags: a tenant's own view under <c>/v1/tenant/feature-flags</c>, operators' rules under <c>/v1/admin/feature-flags</c> (CONTRACT §10).</summary>
internal static class FeatureFlagEndpoints
{
    private const string Order = "The first that says something decides: the tenant's own entry, its plan's, the percentage, the default.";

    public static void MapEffectiveFlags(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/feature-flags", EffectiveAsync).WithTags("Feature flags").Is(
            new Operation("listEffectiveFeatureFlags", "Lists every feature flag as it is for the tenant, by key.", [Answers.Page<EffectiveFlag>()]) { Description = Order });

    public static void MapFeatureFlags(this RouteGroupBuilder admin)
    {
        var flags = admin.MapGroup("/feature-flags").WithTags("Feature flags");
        flags.MapGet("/", ListAsync).Is("listFeatureFlags", "Lists feature flags, newest first.", Answers.Page<FeatureFlag>());
        flags.MapGet("/{key}", GetAsync).Is("getFeatureFlag", "Shows a feature flag.", Answers.Ok<FeatureFlag>(), ApiErrors.ResourceNotFound);
        flags.MapPut("/{key}", PutAsync).Is(
            new Operation("replaceFeatureFlag", "Makes a feature flag, or replaces all that one says.", [Answers.Ok<FeatureFlag>()])
            {
                Description = $"In force everywhere when the call returns. {Order} A percentage takes always the same tenants, chosen by a hash of key and tenant.",
            });
        flags.MapDelete("/{key}", DeleteAsync).Is(
            new Operation("deleteFeatureFlag", "Takes a feature flag away.", [Answers.Ok<DeletedAnswer>()]) { Description = "It is off for everybody then.", Errors = [ApiErrors.ResourceNotFound] });
    }

    private static async Task<IResult> EffectiveAsync(Caller caller, FeatureFlagStore flags, CancellationToken cancellationToken) =>
        ApiResult.Page(
            await flags.ForAsync(caller.Placement.TenantId, caller.Context.TenantPlan ?? "", cancellationToken), LicensingJson.Default.IReadOnlyListEffectiveFlag, nextCursor: null);

    private static async Task<IResult> ListAsync(Query<ListQuery> query, FeatureFlagStore flags, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await flags.ListAsync(query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListFeatureFlag, nextCursor);
    }

    private static async Task<IResult> GetAsync(string key, FeatureFlagStore flags, CancellationToken cancellationToken) =>
        await flags.FindAsync(key, cancellationToken) is { } flag ? Show(flag) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> PutAsync(HttpContext context, string key, Body<FeatureFlagRequest> body, FeatureFlagStore flags) =>
        FeatureFlagRequest.IsKey(key)
            ? flags.PutAsync(key, body.Value, context.Change<FeatureFlag>("feature_flag.set", null, Show))
            : Task.FromResult<IResult>(ApiResult.Error(ApiErrors.ValidationFailed("key", "Must have 1 to 100 characters of a-z 0-9 . _ - and begin with a letter or a digit.")));

    private static Task<IResult> DeleteAsync(HttpContext context, string key, FeatureFlagStore flags) =>
        FeatureFlagRequest.IsKey(key)
            ? flags.DeleteAsync(key, context.Change<DeletedAnswer>("feature_flag.deleted", null, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)))
            : Task.FromResult<IResult>(ApiResult.Error(ApiErrors.ResourceNotFound));

    private static IApiResult Show(FeatureFlag flag) => ApiResult.Ok(flag, LicensingJson.Default.FeatureFlag);
}
