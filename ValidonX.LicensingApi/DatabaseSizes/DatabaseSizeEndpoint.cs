using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.DatabaseSizes;

/// <summary>The size of a tenant's database, for operators.</summary>
internal static class DatabaseSizeEndpoint
{
    public static void MapDatabaseSize(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/database", async (PathId id, MeasureDatabase measure, CancellationToken cancellationToken) =>
                (await measure.ExecuteAsync(id, cancellationToken)).ToResult(size => ApiResult.Ok(size, LicensingJson.Default.DatabaseSize)))
            .Is(new Operation("getTenantDatabase", "Shows how large a tenant's database is.", [Answers.Ok<DatabaseSize>()])
            {
                Description = "Asked of the tenant's database server now, in bytes as the server counts them: whole pages, the space of removed rows included. A server that does not tell within two seconds is 503.",
                Errors = [ApiErrors.TenantNotFound, MeasureDatabase.NoDatabase],
            });
}
