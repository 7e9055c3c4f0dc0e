using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Servers;

/// <summary>The database servers that tenants live on, as operators see and steer them. Where one is and how it is connected to only the provisioner's configuration says.</summary>
internal sealed class ServerStore(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    private const string Shown =
        """
        SELECT s.name, s.host, s.port, s.region, s.class, COALESCE(s.capacity_override, s.capacity) AS capacity, s.capacity AS configured_capacity, s.accepts_tenants,
          (SELECT COUNT(*) FROM tenants t WHERE t.server_name = s.name AND t.status <> 'closed') AS tenants, s.created_at
        FROM database_servers s
        """;

    /// <summary>All of them, by region and name.</summary>
    public async Task<IReadOnlyList<ShownServer>> ListAsync(ServerFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(
            $"{Shown} WHERE (@Region IS NULL OR s.region = @Region) AND (@Class IS NULL OR s.class = @Class) ORDER BY s.region, s.name",
            new { filter.Region, filter.Class },
            cancellationToken: cancellationToken))).Select(row => row.Show())];
    }

    /// <summary>One server, or <see langword="null"/>.</summary>
    public async Task<ShownServer?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, name, cancellationToken);
    }

    /// <summary>Says whether it takes new tenants, and how many. Sign-ups choose by it from this moment on.</summary>
    public Task<IResult> ChangeAsync(string name, ServerChange change, ChangeRequest<ShownServer> request) =>
        changes.InPlatformAsync<ShownServer>(request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            // The same lock under which sign-ups choose.
            if (await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
                "SELECT name FROM database_servers WHERE name = @name FOR UPDATE",
                new { name },
                transaction,
                cancellationToken: token)) is null)
            {
                return ApiErrors.ResourceNotFound;
            }

            var before = (await FindAsync(connection, transaction, name, token))!;
            await connection.ExecuteAsync(new CommandDefinition(
                """
                UPDATE database_servers SET accepts_tenants = COALESCE(@AcceptsTenants, accepts_tenants),
                  capacity_override = IF(@isCapacityGiven, @capacity, capacity_override), updated_at = @now
                WHERE name = @name
                """,
                new { change.AcceptsTenants, isCapacityGiven = change.Capacity.IsThere, capacity = change.Capacity.Value, name, now = time.GetUtcNow() },
                transaction,
                cancellationToken: token));
            var after = (await FindAsync(connection, transaction, name, token))!;
            return new Changed<ShownServer>(after)
            {
                Event = before == after
                    ? null
                    : (request.Audit with { SubjectType = "database_server", SubjectId = name }).Changed(before, after, LicensingJson.Default.ShownServer),
            };
        });

    private static async Task<ShownServer?> FindAsync(DbConnection connection, DbTransaction? transaction, string name, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
            $"{Shown} WHERE s.name = @name", new { name }, transaction, cancellationToken: cancellationToken)))?.Show();

    private sealed record Row
    {
        public string Name { get; init; } = "";

        public string Host { get; init; } = "";

        public long Port { get; init; }

        public string Region { get; init; } = "";

        public string Class { get; init; } = "";

        public long Capacity { get; init; }

        public long ConfiguredCapacity { get; init; }

        public bool AcceptsTenants { get; init; }

        public long Tenants { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public ShownServer Show() =>
            new(
                Name,
                Host,
                Port,
                Region,
                Class,
                Capacity,
                ConfiguredCapacity,
                AcceptsTenants,
                Tenants,
                Capacity == 0 ? 1 : Math.Round((double)Tenants / Capacity, 4),
                CreatedAt);
    }
}
