using System.Text.Json;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Offline;

/// <summary>A signed list.</summary>
internal sealed record SignedList(string Jws);

/// <summary>
/// What a tenant has taken back before its time, signed, kept in memory and coherent with every other replica: licenses, license files, and seats. What can no
/// longer be held up by anyone is not on it.
/// </summary>
internal sealed class Revocations(TenantDatabases databases, SigningKeys keys, CoherentCaches caches, IOptions<OfflineOptions> options, TimeProvider time)
{
    private const string Type = CacheKeys.RevocationsType;

    private readonly CoherentCache<Guid, SignedList> _cache = caches.Create<Guid, SignedList>(new CoherentCacheOptions<SignedList> { Type = Type, Capacity = 1_000, TenantCapacity = 1 });

    /// <summary>What a revocation makes stale.</summary>
    public static Invalidation Changed(Guid tenantId) => CacheKeys.Revocations(tenantId);

    /// <summary>The list as it is now, at most five minutes old.</summary>
    public async ValueTask<SignedList> FindAsync(TenantPlacement placement, string plan, CancellationToken cancellationToken) =>
        (await _cache.GetAsync(CacheKey.OfTenant(placement.TenantId, placement.TenantId), (_, token) => LoadAsync(placement, plan, token), cancellationToken))!;

    private async Task<SignedList?> LoadAsync(TenantPlacement placement, string plan, CancellationToken cancellationToken)
    {
        var signing = await keys.FindAsync(placement, plan, cancellationToken);
        var now = time.GetUtcNow();
        var (licenses, files, seats) = await databases.ReadAsync(
            placement,
            // A revoked license never changes again. What is signed for a leased seat ends with the lease.
            """
            SELECT l.id, l.updated_at AS at FROM license_keys l
            WHERE l.status = 'revoked'
              AND (l.updated_at > @since OR EXISTS (SELECT 1 FROM license_files f WHERE f.license_id = l.id AND f.expires_at > @now))
            ORDER BY l.id;
            SELECT id, revoked_at AS at FROM license_files WHERE revoked_at IS NOT NULL AND expires_at > @now ORDER BY id;
            SELECT a.license_id AS id, a.instance_id AS instance, MAX(a.revoked_at) AS at FROM activations a
            WHERE (a.revoked_at > @since AND (a.lease_expires_at IS NULL OR a.lease_expires_at > @now))
              OR (a.revoked_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM license_files f WHERE f.license_id = a.license_id AND f.instance_id = a.instance_id AND f.created_at <= a.revoked_at AND f.expires_at > @now))
            GROUP BY a.license_id, a.instance_id ORDER BY a.license_id, a.instance_id
            """,
            new { now, since = now - SigningKeys.LongestLease },
            static async rows => ((await rows.ReadAsync<Entry>()).ToArray(), (await rows.ReadAsync<Entry>()).ToArray(), (await rows.ReadAsync<Entry>()).ToArray()),
            cancellationToken);
        var nextUpdate = now + TimeSpan.FromHours(options.Value.RevocationHours);
        return new SignedList(Jws.Sign(signing.Key, Jws.Revocations, writer =>
        {
            writer.WriteString("iss"u8, options.Value.Issuer);
            writer.WriteString("aud"u8, placement.TenantId);
            writer.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            writer.WriteNumber("next_update"u8, nextUpdate.ToUnixTimeSeconds());
            writer.WriteNumber("exp"u8, (nextUpdate + SigningKeys.LongestLease).ToUnixTimeSeconds());
            writer.WriteStartArray("revoked"u8);
            Write(writer, "sub", licenses);
            Write(writer, "jti", files);
            writer.WriteEndArray();
            writer.WriteStartArray("revoked_instances"u8);
            Write(writer, "sub", seats);
            writer.WriteEndArray();
        }));
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<Entry> entries)
    {
        foreach (var entry in entries)
        {
            writer.WriteStartObject();
            writer.WriteString(name, entry.Id);
            if (entry.Instance is not null)
            {
                writer.WriteString("instance_id"u8, entry.Instance);
            }

            writer.WriteNumber("at"u8, entry.At.ToUnixTimeSeconds());
            writer.WriteEndObject();
        }
    }

    private sealed class Entry
    {
        public Guid Id { get; init; }

        public string? Instance { get; init; }

        public DateTimeOffset At { get; init; }
    }
}
