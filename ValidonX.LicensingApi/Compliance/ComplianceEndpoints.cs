using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Compliance;

/// <summary>Where data may lie: operators' rules under <c>/v1/admin/compliance-rules</c>, what a tenant is under at <c>/v1/tenant/compliance</c>.</summary>
internal static class ComplianceEndpoints
{
    private static readonly ApiError NotAllowed = ApiErrors.ValidationFailed("rules", "The region 'us' is not allowed by: gdpr.");

    public static void MapOwnCompliance(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/compliance", async (Caller caller, ComplianceStore store, CancellationToken cancellationToken) =>
                await store.OfTenantAsync(caller.Placement.TenantId, cancellationToken) is { } compliance ? Show(compliance) : ApiResult.Error(ApiErrors.TenantNotFound))
            .WithTags("Compliance")
            .Is("getCompliance", "Shows where the tenant's data lies and which rules it is under.", Answers.Ok<TenantCompliance>());

    public static void MapCompliance(this RouteGroupBuilder admin)
    {
        var rules = admin.MapGroup("/compliance-rules").WithTags("Compliance");
        rules.MapGet("/", ListAsync).Is("listComplianceRules", "Lists the rules about where data may lie, newest first.", Answers.Page<ComplianceRule>());
        rules.MapGet("/{code}", GetAsync).Is("getComplianceRule", "Shows a rule about where data may lie.", Answers.Ok<ComplianceRule>(), ApiErrors.ResourceNotFound);
        rules.MapPut("/{code}", PutAsync).Is(
            new Operation("replaceComplianceRule", "Makes a rule about where data may lie, or replaces all that one says.", [Answers.Ok<ComplianceRule>()])
            {
                Description = "Checked wherever a tenant under it is placed from now on. Tenants that lie elsewhere already are counted in `violations`.",
            });
        rules.MapDelete("/{code}", DeleteAsync).Is(
            "deleteComplianceRule",
            "Takes a rule away that no tenant is under.",
            Answers.Ok<DeletedAnswer>(),
            ApiErrors.ResourceNotFound,
            ApiErrors.Conflict("Tenants are under this rule."));

        var tenant = admin.MapGroup("/tenants/{id}/compliance").WithTags("Compliance");
        tenant.MapGet("/", async (PathId id, ComplianceStore store, CancellationToken cancellationToken) =>
                await store.OfTenantAsync(id, cancellationToken) is { } compliance ? Show(compliance) : ApiResult.Error(ApiErrors.TenantNotFound))
            .Is("getTenantCompliance", "Shows where a tenant's data lies and which rules it is under.", Answers.Ok<TenantCompliance>(), ApiErrors.TenantNotFound);
        tenant.MapPut("/", (HttpContext context, PathId id, Body<TenantComplianceRequest> body, ComplianceStore store) =>
                store.PutTenantAsync(id, body.Value.Rules, context.Change<TenantCompliance>("tenant.compliance_changed", id, Show)))
            .Is("replaceTenantCompliance", "Puts a tenant under exactly these rules, all of which have to allow its region.", Answers.Ok<TenantCompliance>(), ApiErrors.TenantNotFound, NotAllowed);
    }

    private static async Task<IResult> ListAsync(Query<ListQuery> query, ComplianceStore store, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await store.ListAsync(query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListComplianceRule, nextCursor);
    }

    private static async Task<IResult> GetAsync(string code, ComplianceStore store, CancellationToken cancellationToken) =>
        ComplianceCodes.IsCode(code) && await store.FindAsync(code, cancellationToken) is { } rule ? Show(rule) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> PutAsync(HttpContext context, string code, Body<ComplianceRuleRequest> body, ComplianceStore store) =>
        ComplianceCodes.IsCode(code)
            ? store.PutAsync(code, body.Value, context.Change<ComplianceRule>("compliance_rule.set", null, Show))
            : Task.FromResult<IResult>(ApiResult.Error(ApiErrors.ValidationFailed("code", "Must have 1 to 64 characters of a-z 0-9 and hyphens.")));

    private static Task<IResult> DeleteAsync(HttpContext context, string code, ComplianceStore store) =>
        ComplianceCodes.IsCode(code)
            ? store.DeleteAsync(code, context.Change<DeletedAnswer>("compliance_rule.deleted", null, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)))
            : Task.FromResult<IResult>(ApiResult.Error(ApiErrors.ResourceNotFound));

    private static IApiResult Show(ComplianceRule rule) => ApiResult.Ok(rule, LicensingJson.Default.ComplianceRule);

    private static IApiResult Show(TenantCompliance compliance) => ApiResult.Ok(compliance, LicensingJson.Default.TenantCompliance);
}
