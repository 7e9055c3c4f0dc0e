using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Audit;

/// <summary>The audit log: a tenant's own under <c>/v1/tenant/audit-logs</c>, the whole platform's under <c>/v1/admin/audit-logs</c> (CONTRACT §10).</summary>
internal static class AuditEndpoints
{
    private const string Chain =
        "Entries are chained by hashes: `hash` is the SHA-256 over the entry and the `hash` of the one before it, and the end of the chain is sealed with a secret "
        + "that is not in the database. So a change, a removal, an insertion or another order is found, whoever made it.";

    public static void MapAuditLog(this RouteGroupBuilder tenant)
    {
        var logs = tenant.MapGroup("/audit-logs").WithTags("Audit log").For(Permissions.ReadAudit);
        logs.MapGet("/", (Caller caller, Query<AuditQuery> query, AuditQueries queries, CancellationToken cancellationToken) =>
                ListAsync(query.Value, caller.Placement.TenantId, forOperator: false, queries, cancellationToken))
            .Is(new Operation("listAuditLog", "Lists what happened in the tenant, newest first.", [Answers.Page<ShownAuditEntry>()]) { Description = Chain });
        logs.MapGet("/export", (Caller caller, Query<AuditExportQuery> query, AuditQueries queries) =>
                new AuditExport(queries, query.Value.Filter(caller.Placement.TenantId), query.Value.Format, forOperator: false))
            .Is("exportAuditLog", "Exports the tenant's audit log, oldest first, as NDJSON or CSV.", Answers.File("application/x-ndjson"));
        logs.MapPost("/verify", async (Caller caller, AuditVerification verification, CancellationToken cancellationToken) =>
                Show(ShownVerdict.Of(await verification.VerifyAsync(caller.Placement.TenantId, cancellationToken))))
            .Is(new Operation("verifyAuditLog", "Checks the whole chain of the tenant's audit log.", [Answers.Ok<ShownVerdict>()]) { Description = Chain });
    }

    public static void MapPlatformAuditLog(this RouteGroupBuilder admin)
    {
        var logs = admin.MapGroup("/audit-logs").WithTags("Audit log");
        logs.MapGet("/", (Query<PlatformAuditQuery> query, AuditQueries queries, CancellationToken cancellationToken) =>
                ListAsync(query.Value, query.Value.TenantId, forOperator: true, queries, cancellationToken))
            .Is("listPlatformAuditLog", "Lists what happened on the platform, newest first.", Answers.Page<ShownAuditEntry>());
        logs.MapGet("/export", (Query<PlatformAuditExportQuery> query, AuditQueries queries) =>
                new AuditExport(queries, query.Value.Filter(query.Value.TenantId), query.Value.Format, forOperator: true))
            .Is("exportPlatformAuditLog", "Exports the platform's audit log, oldest first, as NDJSON or CSV.", Answers.File("application/x-ndjson"));
        logs.MapPost("/verify", VerifyAsync).Is(
            new Operation("verifyPlatformAuditLog", "Checks the chain of one tenant's entries, or all chains.", [Answers.Ok<ShownVerdict>()])
            {
                Description = "All chains are those of all tenants, and that of the entries of no tenant. Of several that are broken the first one found is told.",
            });
    }

    private static async Task<IResult> ListAsync(AuditQuery query, Guid? tenantId, bool forOperator, AuditQueries queries, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await queries.ListAsync(query.Filter(tenantId), query.Page(), forOperator, cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownAuditEntry, nextCursor);
    }

    private static async Task<IResult> VerifyAsync(Body<ChainChoice> body, AuditQueries queries, AuditVerification verification, CancellationToken cancellationToken)
    {
        if (body.Value.TenantId is { } tenantId)
        {
            return Show(ShownVerdict.Of(await verification.VerifyAsync(tenantId, cancellationToken)));
        }

        var all = new ShownVerdict(true, 0, 0, null, null, null, null) { Chains = 0 };
        foreach (var chain in await queries.ChainsAsync(cancellationToken))
        {
            var verdict = await verification.VerifyAsync(chain, cancellationToken);
            all = all with { Checked = all.Checked + verdict.Checked, Pending = all.Pending + verdict.Pending, Chains = all.Chains + 1 };
            if (all.Valid && verdict.Break is { } failure)
            {
                all = all with { Valid = false, FirstBroken = failure.EntryId, FirstBrokenPosition = failure.Position, Reason = failure.Reason, TenantId = chain };
            }
        }

        return Show(all);
    }

    private static IApiResult Show(ShownVerdict verdict) => ApiResult.Ok(verdict, LicensingJson.Default.ShownVerdict);
}
