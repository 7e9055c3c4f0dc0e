using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Plans;

/// <summary>The plans that anyone may see, as JSON, kept in memory and coherent with every other replica.</summary>
internal sealed class PublicPlans(PlatformDatabase platform, CoherentCaches caches)
{
    private readonly CoherentCache<string, Rendered> _cache = caches.Create<string, Rendered>(new CoherentCacheOptions<Rendered> { Type = CacheKeys.PlansType });

    /// <summary>A JSON array of <see cref="ShownPlan"/>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) =>
        (await _cache.GetAsync(CacheKey.OfPlatform(CacheKeys.PublicPlans), (_, token) => LoadAsync(token), cancellationToken))!.Json;

    private async Task<Rendered?> LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {PlanRow.Columns} FROM plans WHERE is_public = 1 ORDER BY position, code;
            {PlanParts.Sql}
            """,
            new { code = (string?)null },
            cancellationToken: cancellationToken));
        var plans = (await rows.ReadAsync<PlanRow>()).AsList();
        var parts = await PlanParts.ReadAsync(rows);
        IReadOnlyList<ShownPlan> shown = [.. plans.Select(plan => plan.Show(parts))];
        return new Rendered(Envelope.Render(shown, LicensingJson.Default.IReadOnlyListShownPlan));
    }

    private sealed record Rendered(byte[] Json);
}
