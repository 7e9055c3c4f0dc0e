using System.Collections.Frozen;
using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.FeatureFlags;

/// <summary>All feature flags, kept in memory and coherent with every other replica: when a change returns, every replica evaluates it.</summary>
internal sealed class FeatureFlagStore(PlatformDatabase platform, StateChanges changes, CoherentCaches caches, TimeProvider time)
{
    private const string Type = "feature-flags";
    private const string All = "all";
    private const string SubjectType = "feature_flag";

    private readonly CoherentCache<string, FlagSet> _cache = caches.Create<string, FlagSet>(new CoherentCacheOptions<FlagSet> { Type = Type });

    private static Invalidation Stale { get; } = Invalidation.OfPlatformEntry(Type, All);

    /// <summary>Whether a flag is on for a tenant; one that there is none of is off.</summary>
    public async ValueTask<bool> IsOnAsync(string key, Guid tenantId, string plan, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).ByKey.TryGetValue(key, out var flag) && flag.For(tenantId, plan).Enabled;

    /// <summary>Every flag as it is for a tenant, by key.</summary>
    public async ValueTask<IReadOnlyList<EffectiveFlag>> ForAsync(Guid tenantId, string plan, CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).InOrder.Select(flag => flag.For(tenantId, plan))];

    /// <summary>One flag, or <see langword="null"/>.</summary>
    public async ValueTask<FeatureFlag?> FindAsync(string key, CancellationToken cancellationToken) => (await ReadAsync(cancellationToken)).ByKey.GetValueOrDefault(key);

    /// <summary>One page, newest first.</summary>
    public async ValueTask<(IReadOnlyList<FeatureFlag> Items, string? NextCursor)> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        // By text, as the ids are sorted in lists that the database makes.
        var before = page.Before?.ToString();
        var flags = (await ReadAsync(cancellationToken)).InOrder
            .Where(flag => before is null || string.CompareOrdinal(flag.Id.ToString(), before) < 0)
            .OrderByDescending(flag => flag.Id.ToString(), StringComparer.Ordinal)
            .Take(page.Limit + 1)
            .ToList();
        return page.Cut(flags, flag => flag.Id);
    }

    /// <summary>Makes a flag, or replaces all that one says.</summary>
    public Task<IResult> PutAsync(string key, FeatureFlagRequest wanted, ChangeRequest<FeatureFlag> request) =>
        changes.InPlatformAsync<FeatureFlag>(request, async (transaction, token) =>
        {
            var (connection, now, id) = (transaction.Connection!, time.GetUtcNow(), Guid.CreateVersion7());
            // Whoever else writes this key waits here, also when it is not there yet.
            await connection.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO feature_flag_rules (id, flag_key, is_on, created_at, updated_at) VALUES (@id, @key, @Default, @now, @now)
                ON DUPLICATE KEY UPDATE flag_key = VALUES(flag_key)
                """,
                new { id, key, wanted.Default, now },
                transaction,
                cancellationToken: token));
            var before = (await LoadAsync(connection, transaction, key, token)).InOrder.Single();
            var isNew = before.Id == id;
            if (!isNew && IsSame(before, wanted))
            {
                return new Changed<FeatureFlag>(before) { Stale = [Stale] };
            }

            await WriteAsync(transaction, before.Id, wanted, now, token);
            var after = (await LoadAsync(connection, transaction, key, token)).InOrder.Single();
            var audit = request.Audit.About(SubjectType, before.Id);
            return new Changed<FeatureFlag>(after)
            {
                Stale = [Stale],
                Event = isNew ? audit.Made(after, LicensingJson.Default.FeatureFlag) : audit.Changed(before, after, LicensingJson.Default.FeatureFlag),
            };
        });

    /// <summary>Takes a flag away, which is off for everybody then.</summary>
    public Task<IResult> DeleteAsync(string key, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            if ((await LoadAsync(transaction.Connection!, transaction, key, token, "FOR UPDATE")).InOrder is not [var flag])
            {
                // Perhaps taken away by a call that died before it could say so.
                return new Changed<DeletedAnswer>(ApiErrors.ResourceNotFound) { Stale = [Stale] };
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM feature_flag_rules WHERE id = @Id",
                new { flag.Id },
                transaction,
                cancellationToken: token));
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, flag.Id))
            {
                Stale = [Stale],
                Event = request.Audit.About(SubjectType, flag.Id).Unmade(flag, LicensingJson.Default.FeatureFlag),
            };
        });

    private async ValueTask<FlagSet> ReadAsync(CancellationToken cancellationToken) =>
        (await _cache.GetAsync(
            CacheKey.OfPlatform(All),
            async (_, token) =>
            {
                await using var connection = await platform.OpenAsync(token);
                return await LoadAsync(connection, null, null, token);
            },
            cancellationToken))!;

    private static async Task WriteAsync(DbTransaction transaction, Guid id, FeatureFlagRequest wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE feature_flag_rules SET is_on = @Default, percentage = @Percentage, updated_at = @now WHERE id = @id;
            DELETE FROM feature_flag_plans WHERE flag_id = @id;
            DELETE FROM feature_flag_tenants WHERE flag_id = @id
            """,
            new { id, wanted.Default, wanted.Percentage, now },
            transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO feature_flag_plans (flag_id, plan_code, is_on) VALUES (@id, @Key, @Value)",
            wanted.Plans.Select(one => new { id, one.Key, one.Value }),
            transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO feature_flag_tenants (flag_id, tenant_id, is_on) VALUES (@id, @Key, @Value)",
            wanted.Tenants.Select(one => new { id, one.Key, one.Value }),
            transaction,
            cancellationToken: cancellationToken));
    }

    private static async Task<FlagSet> LoadAsync(DbConnection connection, DbTransaction? transaction, string? key, CancellationToken cancellationToken, string locked = "")
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT id, flag_key, is_on, percentage, created_at, updated_at FROM feature_flag_rules WHERE @key IS NULL OR flag_key = @key ORDER BY flag_key {locked};
            SELECT p.flag_id, p.plan_code, p.is_on FROM feature_flag_plans p JOIN feature_flag_rules f ON f.id = p.flag_id WHERE @key IS NULL OR f.flag_key = @key;
            SELECT t.flag_id, t.tenant_id, t.is_on FROM feature_flag_tenants t JOIN feature_flag_rules f ON f.id = t.flag_id WHERE @key IS NULL OR f.flag_key = @key
            """,
            new { key },
            transaction,
            cancellationToken: cancellationToken));
        var rules = (await rows.ReadAsync<Rule>()).AsList();
        var plans = (await rows.ReadAsync<(Guid Flag, string Plan, bool IsOn)>()).ToLookup(row => row.Flag);
        var tenants = (await rows.ReadAsync<(Guid Flag, Guid Tenant, bool IsOn)>()).ToLookup(row => row.Flag);
        return new FlagSet(
        [
            .. rules.Select(rule => new FeatureFlag(
                rule.Id,
                rule.FlagKey,
                rule.IsOn,
                plans[rule.Id].ToFrozenDictionary(row => row.Plan, row => row.IsOn, StringComparer.Ordinal),
                tenants[rule.Id].ToFrozenDictionary(row => row.Tenant.ToString(), row => row.IsOn, StringComparer.Ordinal),
                rule.Percentage,
                rule.CreatedAt,
                rule.UpdatedAt)),
        ]);
    }

    private static bool IsSame(FeatureFlag flag, FeatureFlagRequest wanted) =>
        flag.Default == wanted.Default && flag.Percentage == wanted.Percentage && IsSame(flag.Plans, wanted.Plans) && IsSame(flag.Tenants, wanted.Tenants);

    private static bool IsSame(IReadOnlyDictionary<string, bool> one, IReadOnlyDictionary<string, bool> other) =>
        one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var value) && value == entry.Value);

    private sealed record FlagSet(IReadOnlyList<FeatureFlag> InOrder)
    {
        public FrozenDictionary<string, FeatureFlag> ByKey { get; } = InOrder.ToFrozenDictionary(flag => flag.Key, StringComparer.Ordinal);
    }

    private sealed class Rule
    {
        public Guid Id { get; init; }

        public string FlagKey { get; init; } = "";

        public bool IsOn { get; init; }

        public int? Percentage { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }
    }
}
