using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Plans;

/// <summary>
/// Which plans there are, as the rows of <c>plans</c> have it; those included that only operators can give to a tenant. Kept in memory;
/// whoever changes a plan announces <see cref="Invalidation.Everything"/>.
/// </summary>
internal sealed class PlanCatalog(PlatformDatabase platform, CoherentCaches caches)
{
    private const string All = "all";

    private readonly CoherentCache<string, PlanCodes> _cache = caches.Create<string, PlanCodes>(new CoherentCacheOptions<PlanCodes> { Type = "plan-codes" });

    /// <summary>Reads them.</summary>
    public async ValueTask<PlanCodes> ReadAsync(CancellationToken cancellationToken) =>
        (await _cache.GetAsync(CacheKey.OfPlatform(All), (_, token) => LoadAsync(token), cancellationToken))!;

    private async Task<PlanCodes?> LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var plans = (await connection.QueryAsync<(string Code, bool IsPublic)>(new CommandDefinition(
            "SELECT code, is_public FROM plans ORDER BY position, code",
            cancellationToken: cancellationToken))).AsList();
        return new PlanCodes([.. plans.Select(plan => plan.Code)], [.. plans.Where(plan => plan.IsPublic).Select(plan => plan.Code)]);
    }
}

/// <summary>The codes of the plans.</summary>
/// <param name="All">All, in the order in which they are shown.</param>
/// <param name="Public">Those that anyone may choose.</param>
internal sealed record PlanCodes(IReadOnlyList<string> All, IReadOnlyList<string> Public)
{
    /// <summary>The plan of a tenant for which none was named: the first that anyone may choose, if any.</summary>
    public string? Default => Public.Count > 0 ? Public[0] : null;
}
