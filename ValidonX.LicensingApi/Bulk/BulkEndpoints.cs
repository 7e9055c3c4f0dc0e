using Microsoft.AspNetCore.Http.Metadata;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.OpenApi;
using ValidonX.Platform.Api;
using ValidonX.Platform.Routes;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Many licenses at once, under <c>/v1/tenant/licenses</c> (CONTRACT §10).</summary>
internal static class BulkEndpoints
{
    private const string Imports = "/v1/tenant/licenses/imports";
    private const string BulkChangesPath = "/v1/tenant/licenses/bulk";

    public static void MapBulk(this RouteGroupBuilder tenant)
    {
        var licenses = tenant.MapGroup("/licenses").WithTags("Bulk");
        licenses.MapPost("/import", ImportAsync).For(Permissions.WriteLicenses)
            .WithMetadata(new AcceptsIdempotencyKey(false), IdempotencyHeader.Instance, new LargeBody(), new AcceptsMetadata(["text/csv", "application/x-ndjson", OperationRules.AnyMediaType], typeof(string)))
            .Is(new Operation("importLicenses", "Makes licenses of the rows of a CSV or of JSON lines.", [Answers.AcceptedAt<ImportAnswer>()])
            {
                Description = "The body is taken in while it comes, some hundred rows at a time; each row by the rules of a license that is made alone, and a bad one stops none of the others. "
                    + "The members are those of `createLicense`, and `product` (a product's code) and `status`. A CSV has a head line with `key`, `type`, `product_id` or `product`, `expires_at`, `grace_days`, "
                    + "`customer_name`, `customer_email`, `metadata` (JSON), `entitlements` (JSON) or `entitlements.<code>`, `policy` (JSON) or `policy.<member>`, `status`. With an `Idempotency-Key` the same upload, sent again after whatever "
                    + $"has happened, makes no license twice and goes on where it stood; the key is good for 30 days. At most {RouteTable.MaximumImportBytes / 1024 / 1024} MiB.",
                Errors = [ImportLanes.Busy, ImportSource.NotTaken, ApiErrors.IdempotencyKeyReused],
            });
        licenses.MapGet("/imports", ListImportsAsync).Is("listLicenseImports", "Lists imports of licenses, newest first.", Answers.Page<ShownImport>());
        licenses.MapGet("/imports/{id}", GetImportAsync).Is("getLicenseImport", "Shows an import of licenses, also while it runs.", Answers.Ok<ImportAnswer>(), ApiErrors.ResourceNotFound);
        licenses.MapGet("/imports/{id}/errors", ListErrorsAsync).Is(
            "listLicenseImportErrors", "Lists the rows of an import of which no license was made, in their order.", Answers.Page<ShownImportError>(), ApiErrors.ResourceNotFound);
        licenses.MapGet("/export", (Caller caller, Query<LicenseExportQuery> query, LicenseQueries queries, TimeProvider time) => new LicenseExport(queries, caller.Placement, query.Value, time))
            .Is(new Operation("exportLicenses", "Exports licenses, oldest first, as CSV or JSON lines.", [Answers.File("text/csv")])
            {
                Description = "What it says can be imported again. In the CSV an apostrophe stands before what a spreadsheet would take for a formula; an import takes it off.",
            });

        licenses.MapPost("/bulk", ChangeAsync).For(Permissions.WriteLicenses).Is(
            new Operation("changeLicenses", "Suspends, reinstates, renews or revokes all licenses that fit a filter.", [Answers.AcceptedAt<BulkChangeAnswer>(), Answers.Ok<BulkPreview>()])
            {
                Description = "It is done in the background, some hundred licenses at a time; each has its own entry in the audit log, and holds everywhere as after a change of it alone. "
                    + "Licenses that were made after the call are not meant. With `preview` nothing is done: 200 tells how many they would be.",
                Errors = [BulkChanges.TooMany],
            });
        licenses.MapGet("/bulk", ListChangesAsync).Is("listLicenseChanges", "Lists changes of many licenses, newest first.", Answers.Page<ShownBulkChange>());
        licenses.MapGet("/bulk/{id}", GetChangeAsync).Is("getLicenseChange", "Shows a change of many licenses and how far it is.", Answers.Ok<BulkChangeAnswer>(), ApiErrors.ResourceNotFound);
        licenses.MapPost("/bulk/{id}/cancel", CancelAsync).For(Permissions.WriteLicenses).Is(
            new Operation("cancelLicenseChange", "Ends a change of many licenses that has not ended.", [Answers.Ok<BulkChangeAnswer>()])
            {
                Description = "What it has changed stays so. Canceling again changes nothing.",
                Errors = [ApiErrors.ResourceNotFound, BulkChanges.Ended],
            });
    }

    private static async Task<IResult> ImportAsync(HttpContext context, Caller caller, ImportLicenses import, ImportLanes lanes)
    {
        var keyHash = IdempotencyKey.Of(context.Request)?.Hash;
        using var place = lanes.Enter(caller.Placement.TenantId);
        await using var source = await ImportSource.OpenAsync(context.Request, context.RequestAborted);
        var request = new ImportRequest(
            caller.Placement, caller.Context.TenantPlan ?? "", keyHash, caller.Audit(context, "licenses.imported", caller.Placement.TenantId), context.RequestAborted);
        var (imported, isReplay) = await import.ExecuteAsync(request, source);
        if (isReplay)
        {
            context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }

        return ApiResult.Accepted(new ImportAnswer(imported), LicensingJson.Default.ImportAnswer, $"{Imports}/{imported.Id}");
    }

    private static async Task<IResult> ListImportsAsync(Caller caller, Query<ListQuery> query, ImportQueries imports, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await imports.ListAsync(caller.Placement, query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownImport, nextCursor);
    }

    private static async Task<IResult> GetImportAsync(PathId id, Caller caller, ImportQueries imports, CancellationToken cancellationToken) =>
        await imports.FindAsync(caller.Placement, id, cancellationToken) is { } import
            ? ApiResult.Ok(new ImportAnswer(import), LicensingJson.Default.ImportAnswer)
            : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static async Task<IResult> ListErrorsAsync(PathId id, Caller caller, Query<ImportErrorQuery> query, ImportQueries imports, CancellationToken cancellationToken) =>
        await imports.ErrorsAsync(caller.Placement, id, query.Value, cancellationToken) is var (items, nextCursor)
            ? ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownImportError, nextCursor)
            : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> ChangeAsync(HttpContext context, Caller caller, Body<NewBulkChange> body, BulkChanges changes) =>
        changes.ExecuteAsync(
            caller.Placement,
            body.Value,
            context.Change<ShownBulkChange>(
                "licenses.bulk_requested",
                caller.Placement.TenantId,
                change => ApiResult.Accepted(new BulkChangeAnswer(change), LicensingJson.Default.BulkChangeAnswer, $"{BulkChangesPath}/{change.Id}")));

    private static async Task<IResult> ListChangesAsync(Caller caller, Query<ListQuery> query, BulkChanges changes, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await changes.ListAsync(caller.Placement.TenantId, query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownBulkChange, nextCursor);
    }

    private static async Task<IResult> GetChangeAsync(PathId id, Caller caller, BulkChanges changes, CancellationToken cancellationToken) =>
        await changes.FindAsync(caller.Placement.TenantId, id, cancellationToken) is { } change ? Show(change) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> CancelAsync(HttpContext context, PathId id, Caller caller, BulkChanges changes) =>
        changes.CancelAsync(caller.Placement.TenantId, id, context.Change<ShownBulkChange>("licenses.bulk_canceled", caller.Placement.TenantId, Show));

    private static IApiResult Show(ShownBulkChange change) => ApiResult.Ok(new BulkChangeAnswer(change), LicensingJson.Default.BulkChangeAnswer);

    /// <summary>The body may be larger than that of other endpoints.</summary>
    private sealed class LargeBody : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => RouteTable.MaximumImportBytes;
    }
}
