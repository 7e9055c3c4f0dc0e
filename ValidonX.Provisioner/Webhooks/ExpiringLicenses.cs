using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>
/// Tells of licenses that are about to expire, each once for each expiry: an event in the tenant's outbox whose id follows from both. How far a tenant's licenses have been told of is kept in its own database, in
/// the transaction of the events; what was changed since the last look is looked at again, and told again without effect.
/// </summary>
internal sealed class ExpiringLicenses(IOptions<DeliveryOptions> options, TimeProvider time)
{
    private const int AtOnce = 200;

    /// <summary>The row of <c>settings</c> that says until which expiry everything is told.</summary>
    private const string Told = "license.expiring.told";

    /// <summary>What was under way while an earlier look was made may have become visible behind it.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _next = new();

    /// <summary>Looks at licenses that were changed just now, and when it is time at all of them.</summary>
    /// <param name="scope">The tenant's.</param>
    /// <param name="changed">Those that were changed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there may be something new in the outbox.</returns>
    public async Task<bool> LookAsync(TenantScope scope, IReadOnlyList<string> changed, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var tenant = scope.Placement.TenantId;
        var told = changed.Count > 0
            && await scope.TransactAsync((transaction, token) => TellAsync(transaction, now, $"id IN {changed}", token), cancellationToken);
        if (_next.TryGetValue(tenant, out var next) && now < next && next - now <= options.Value.ExpiringLook)
        {
            return told;
        }

        // Without a lock first: most tenants have nothing to tell most of the time.
        if (await AnyAsync(scope.Connection, now, cancellationToken))
        {
            told |= await scope.TransactAsync((transaction, token) => SweepAsync(transaction, now, token), cancellationToken);
        }

        _next[tenant] = now + options.Value.ExpiringLook;
        return told;
    }

    private async Task<bool> AnyAsync(DbConnection connection, DateTimeOffset now, CancellationToken cancellationToken) =>
        await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM license_keys WHERE status = 'active' AND expires_at > @now AND expires_at <= @horizon)",
            new { now, horizon = now + options.Value.ExpiringAhead },
            cancellationToken: cancellationToken));

    private async Task<bool> SweepAsync(DbTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        // Whoever looks at the same time waits here.
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO settings (name, value, updated_at) VALUES (@Told, '0', '1970-01-01') ON DUPLICATE KEY UPDATE name = VALUES(name)", new { Told }, transaction, cancellationToken: cancellationToken));
        var (microseconds, lookedAt) = await connection.QuerySingleAsync<(string, DateTimeOffset)>(new CommandDefinition(
            "SELECT value, updated_at FROM settings WHERE name = @Told", new { Told }, transaction, cancellationToken: cancellationToken));
        var until = DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(microseconds, CultureInfo.InvariantCulture));
        var told = await TellAsync(transaction, now, $"(expires_at > {until} OR updated_at >= {lookedAt - Overlap})", cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE settings SET value = @until, updated_at = @now WHERE name = @Told",
            new { Told, until = ((now + options.Value.ExpiringAhead - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture), now },
            transaction,
            cancellationToken: cancellationToken));
        return told;
    }

    /// <summary>Tells of those that are about to expire, a few in one message.</summary>
    private async Task<bool> TellAsync(DbTransaction transaction, DateTimeOffset now, FormattableString which, CancellationToken cancellationToken)
    {
        var (afterExpiry, afterId) = (now, "");
        for (var told = false; ; told = true)
        {
            var query = new InterpolatedSql().Add(
                $"""
                SELECT id, type, product_id, expires_at, customer_name, customer_email FROM license_keys
                WHERE status = 'active' AND expires_at > {now} AND expires_at <= {now + options.Value.ExpiringAhead}
                  AND (expires_at > {afterExpiry} OR (expires_at = {afterExpiry} AND id > {afterId})) AND {which}
                ORDER BY expires_at, id LIMIT {AtOnce}
                """);
            var found = (await transaction.Connection!.QueryAsync<Row>(new CommandDefinition(query.Text, query.Parameters, transaction, cancellationToken: cancellationToken))).AsList();
            if (found.Count == 0)
            {
                return told;
            }

            var sql = new InterpolatedSql()
                .Add($"INSERT IGNORE INTO outbox (id, type, occurred_at, actor_type, subject_type, subject_id, data) VALUES ")
                .AddJoined(found.Select(row => (FormattableString)$"({row.EventId}, {WebhookTypes.LicenseExpiring}, {now}, {"system"}, {"license"}, {row.Id}, {row.Data()})"));
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));
            (afterExpiry, afterId) = (found[^1].ExpiresAt, found[^1].Id.ToString());
        }
    }

    private sealed record Row
    {
        /// <summary>Part of the id's time, whatever is configured: it must stay the same.</summary>
        private static readonly TimeSpan Week = TimeSpan.FromDays(7);

        public Guid Id { get; init; }

        public string Type { get; init; } = "";

        public Guid? ProductId { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }

        public string? CustomerName { get; init; }

        public string? CustomerEmail { get; init; }

        public Guid EventId => WebhookEvent.NamedId(
            string.Create(CultureInfo.InvariantCulture, $"{WebhookTypes.LicenseExpiring}/{Id}/{ExpiresAt.UtcTicks / TimeSpan.TicksPerMicrosecond}"), ExpiresAt - Week);

        public string Data() => new JsonObject
        {
            ["license"] = new JsonObject
            {
                ["id"] = Id.ToString(),
                ["type"] = Type,
                ["status"] = "active",
                ["product_id"] = ProductId?.ToString(),
                ["expires_at"] = ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
                ["customer"] = CustomerName is null && CustomerEmail is null ? null : new JsonObject { ["name"] = CustomerName, ["email"] = CustomerEmail },
            },
        }.ToJsonString();
    }
}
