using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>A tenant's slow statements, for operators.</summary>
internal static class SlowQueryEndpoint
{
    public static void MapSlowQueries(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/slow-queries", ShowAsync).Is(new Operation("listSlowQueries", "Shows which statements took long of late in a tenant's requests.", [Answers.Ok<RecentSlowQueries>()])
        {
            Description = $"The newest {SlowQueryList.Most} of the last 24 hours, of this tenant's users and apps. No values are in it: neither keys nor addresses.",
            Errors = [ApiErrors.TenantNotFound],
        });

    private static async Task<IResult> ShowAsync(PathId id, TenantQueries tenants, SlowQueryList list, IOptions<SlowQueryOptions> options, CancellationToken cancellationToken)
    {
        if (!await tenants.ExistsAsync(id, cancellationToken))
        {
            return ApiResult.Error(ApiErrors.TenantNotFound);
        }

        try
        {
            return ApiResult.Ok(new RecentSlowQueries(options.Value.Threshold.TotalMilliseconds, await list.ReadAsync(id)), LicensingJson.Default.RecentSlowQueries);
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            return ApiResult.Error(ApiErrors.Unavailable with { Message = "What was slow cannot be told at the moment: Redis is away." });
        }
    }
}
