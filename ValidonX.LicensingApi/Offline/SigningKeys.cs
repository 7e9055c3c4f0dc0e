using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Settings;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Offline;

/// <summary>What a tenant signs with, and for how long what is signed is good.</summary>
/// <param name="Key">The key that signs.</param>
/// <param name="Lease">How long a verdict is good without another one.</param>
/// <param name="Grace">How much longer an app that finds nobody to ask may go on.</param>
internal sealed record Signing(SigningKey Key, TimeSpan Lease, TimeSpan Grace);

/// <summary>
/// A tenant's signing keys, in its own database, sealed there and bound to the tenant. Two are made when the first is needed; each rotation lets the one sign
/// that was published ahead and makes another one.
/// </summary>
internal sealed class SigningKeys(TenantDatabases databases, StateChanges changes, SettingsStore settings, SecretSealer sealer, CoherentCaches caches, TimeProvider time)
{
    /// <summary>The longest that a lease, grace included, can be good; an old key is published at least so long.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromHours(TenantSettings.MaximumLeaseHours + TenantSettings.MaximumLeaseGraceHours);

    private const string Type = "signing";

    private readonly CoherentCache<Guid, Signing> _cache = caches.Create<Guid, Signing>(new CoherentCacheOptions<Signing> { Type = Type, Capacity = 10_000 });

    /// <summary>What a change of the keys, or of the length of leases, makes stale.</summary>
    public static Invalidation Changed(Guid tenantId) => Invalidation.OfTenantEntry(tenantId, Type, tenantId.ToString());

    /// <summary>What the tenant signs with now.</summary>
    public async ValueTask<Signing> FindAsync(TenantPlacement placement, string plan, CancellationToken cancellationToken) =>
        (await _cache.GetAsync(CacheKey.OfTenant(placement.TenantId, placement.TenantId), (_, token) => LoadAsync(placement, plan, token), cancellationToken))!;

    /// <summary>All keys: the next one, the active one, then those that sign no more.</summary>
    public async Task<IReadOnlyList<SigningKeyRow>> ListAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.TransactAsync((transaction, token) => EnsureAsync(placement.TenantId, transaction, token), cancellationToken);
    }

    /// <summary>Lets the next key sign.</summary>
    public Task<IResult> RotateAsync(TenantPlacement placement, ChangeRequest<SigningKeyRow> request) =>
        changes.InTenantAsync<SigningKeyRow>(placement, request, async (transaction, token) =>
        {
            var now = time.GetUtcNow();
            var keys = await EnsureAsync(placement.TenantId, transaction, token);
            var before = keys.Single(key => key.Slot == SigningKeyRow.Active);
            await MoveOnAsync(placement.TenantId, transaction, keys, now, token);
            var after = (await ReadAsync(transaction, token)).Single(key => key.Slot == SigningKeyRow.Active);
            return Moved(placement.TenantId, after, request, before, after, now);
        });

    /// <summary>Takes a key that somebody else may have out of the world; nothing that it signed is good any more. Revoking again changes nothing.</summary>
    public Task<IResult> RevokeAsync(TenantPlacement placement, Guid id, ChangeRequest<SigningKeyRow> request) =>
        changes.InTenantAsync<SigningKeyRow>(placement, request, async (transaction, token) =>
        {
            var now = time.GetUtcNow();
            var keys = await EnsureAsync(placement.TenantId, transaction, token);
            if (keys.SingleOrDefault(key => key.Id == id) is not { } before)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (before.RevokedAt is not null)
            {
                return new Changed<SigningKeyRow>(before) { Stale = Stale(placement.TenantId) };
            }

            if (before.Slot == SigningKeyRow.Active)
            {
                await MoveOnAsync(placement.TenantId, transaction, keys, now, token);
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE signing_keys SET slot = NULL, retired_at = COALESCE(retired_at, @now), revoked_at = @now WHERE id = @id",
                new { id, now },
                transaction,
                cancellationToken: token));
            var after = (await EnsureAsync(placement.TenantId, transaction, token)).Single(key => key.Id == id);
            return Moved(placement.TenantId, after, request, before, after, now);
        });

    /// <summary>The rows, in the transaction in which something is signed for longer than a lease: nobody rotates meanwhile.</summary>
    public async Task<SigningKey> LockAsync(Guid tenantId, DbTransaction transaction, DateTimeOffset goodUntil, CancellationToken cancellationToken)
    {
        var active = (await EnsureAsync(tenantId, transaction, cancellationToken)).Single(key => key.Slot == SigningKeyRow.Active);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE signing_keys SET needed_until = GREATEST(COALESCE(needed_until, @goodUntil), @goodUntil) WHERE id = @Id",
            new { active.Id, goodUntil },
            transaction,
            cancellationToken: cancellationToken));
        return active.Open(tenantId, sealer);
    }

    private static IReadOnlyCollection<Invalidation> Stale(Guid tenantId) => [Changed(tenantId), PublishedKeys.Changed(tenantId), Revocations.Changed(tenantId)];

    private static Changed<SigningKeyRow> Moved(
        Guid tenantId, SigningKeyRow shown, ChangeRequest<SigningKeyRow> request, SigningKeyRow before, SigningKeyRow after, DateTimeOffset now) =>
        new(shown)
        {
            Stale = Stale(tenantId),
            Event = request.Audit.About("signing_key", shown.Id).Changed(before.Show(now), after.Show(now), LicensingJson.Default.ShownSigningKey),
        };

    private async Task<Signing?> LoadAsync(TenantPlacement placement, string plan, CancellationToken cancellationToken)
    {
        var terms = (await settings.FindAsync(placement, plan, cancellationToken)).Settings;
        var active = (await ListAsync(placement, cancellationToken)).Single(key => key.Slot == SigningKeyRow.Active);
        return new Signing(active.Open(placement.TenantId, sealer), TimeSpan.FromHours(terms.LeaseHours), TimeSpan.FromHours(terms.LeaseGraceHours));
    }

    /// <summary>The rows, locked, with one in each slot.</summary>
    private async Task<IReadOnlyList<SigningKeyRow>> EnsureAsync(Guid tenantId, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var keys = await ReadAsync(transaction, cancellationToken);
        var missing = new[] { SigningKeyRow.Active, SigningKeyRow.Next }.Where(slot => keys.All(key => key.Slot != slot)).ToList();
        foreach (var slot in missing)
        {
            // Whoever comes second to an empty table finds the slot taken.
            await InsertAsync(transaction, SigningKeyRow.Create(tenantId, slot, sealer, time.GetUtcNow()), cancellationToken);
        }

        return missing.Count == 0 ? keys : await ReadAsync(transaction, cancellationToken);
    }

    /// <summary>The active key retires, the next one is active, a new one is next.</summary>
    private async Task MoveOnAsync(Guid tenantId, DbTransaction transaction, IReadOnlyList<SigningKeyRow> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (active, next) = (keys.Single(key => key.Slot == SigningKeyRow.Active).Id, keys.Single(key => key.Slot == SigningKeyRow.Next).Id);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE signing_keys SET slot = NULL, retired_at = @now, needed_until = GREATEST(COALESCE(needed_until, @until), @until) WHERE id = @active;
            UPDATE signing_keys SET slot = 'active' WHERE id = @next
            """,
            new { active, next, now, until = now + LongestLease },
            transaction,
            cancellationToken: cancellationToken));
        await InsertAsync(transaction, SigningKeyRow.Create(tenantId, SigningKeyRow.Next, sealer, now), cancellationToken);
    }

    private static async Task<IReadOnlyList<SigningKeyRow>> ReadAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        // Who changes keys takes turns at the one that signs.
        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            $"SELECT COUNT(*) FROM signing_keys WHERE slot = 'active' FOR UPDATE; SELECT {SigningKeyRow.Columns} FROM signing_keys ORDER BY slot = 'next' DESC, slot = 'active' DESC, id DESC FOR UPDATE",
            transaction: transaction,
            cancellationToken: cancellationToken));
        await rows.ReadSingleAsync<long>();
        return (await rows.ReadAsync<SigningKeyRow>()).AsList();
    }

    private static Task<int> InsertAsync(DbTransaction transaction, SigningKeyRow key, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT IGNORE INTO signing_keys (id, slot, sealed_private, x, y, created_at) VALUES (@Id, @Slot, @SealedPrivate, @X, @Y, @CreatedAt)",
            key,
            transaction,
            cancellationToken: cancellationToken));
}
