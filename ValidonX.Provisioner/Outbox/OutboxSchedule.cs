using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Outbox;

namespace ValidonX.Provisioner.Outbox;

/// <summary>A tenant whose outbox is to be looked into.</summary>
/// <param name="Placement">Whose, and where.</param>
/// <param name="DueAt">Since when.</param>
/// <param name="ClaimUntil">What <paramref name="DueAt"/> becomes for whoever takes it on.</param>
internal sealed record DueOutbox(TenantPlacement Placement, DateTimeOffset DueAt, DateTimeOffset ClaimUntil);

/// <summary>
/// The rows of <c>outbox_tenants</c>: which tenant's outbox is to be looked into when. A hint makes a tenant due at once; without one it is due once
/// in a while. Who takes a tenant on moves it out of the others' way for a moment, and a hint given meanwhile moves it back, so that
/// nothing is missed. All times are the platform database's.
/// </summary>
internal sealed class OutboxSchedule(PlatformDatabase platform)
{
    private const int ClaimSeconds = 30;

    /// <summary>Enters the tenants that have no row yet, each due at some time within the interval.</summary>
    public async Task AdoptAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT IGNORE INTO outbox_tenants (tenant_id, server_name, due_at)
            SELECT t.id, t.server_name, UTC_TIMESTAMP(6) + INTERVAL FLOOR(RAND() * @seconds) SECOND
            FROM tenants t LEFT JOIN outbox_tenants o ON o.tenant_id = t.id
            WHERE o.tenant_id IS NULL AND t.schema_version >= @SinceVersion AND t.server_name IS NOT NULL AND t.database_name IS NOT NULL
            """,
            new { seconds = interval.TotalSeconds, TenantOutbox.SinceVersion },
            cancellationToken: cancellationToken));
    }

    /// <summary>The database servers that tenants live on.</summary>
    public async Task<IReadOnlyList<string>> ServersAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<string>(new CommandDefinition("SELECT name FROM database_servers", cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>The tenants of a server that are due, those who have waited longest first.</summary>
    public async Task<IReadOnlyList<DueOutbox>> FindDueAsync(string server, int most, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(Guid Id, string Database, DateTimeOffset DueAt, DateTimeOffset ClaimUntil)>(new CommandDefinition(
            """
            SELECT o.tenant_id, t.database_name, o.due_at, UTC_TIMESTAMP(6) + INTERVAL @ClaimSeconds SECOND
            FROM outbox_tenants o JOIN tenants t ON t.id = o.tenant_id
            WHERE o.server_name = @server AND o.due_at <= UTC_TIMESTAMP(6) AND t.database_name IS NOT NULL
            ORDER BY o.due_at LIMIT @most
            """,
            new { server, most, ClaimSeconds },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => new DueOutbox(new TenantPlacement(row.Id, server, DatabaseName.Parse(row.Database)), row.DueAt, row.ClaimUntil))];
    }

    /// <summary>Takes a tenant on; <see langword="false"/> when somebody else has.</summary>
    public Task<bool> ClaimAsync(DueOutbox due, CancellationToken cancellationToken) =>
        UpdateAsync("due_at = @ClaimUntil", due, due.DueAt, new { due.ClaimUntil }, cancellationToken);

    /// <summary>Done with: due again after the interval, unless a hint has come meanwhile.</summary>
    public Task FinishAsync(DueOutbox due, TimeSpan interval, CancellationToken cancellationToken) =>
        UpdateAsync(
            "due_at = UTC_TIMESTAMP(6) + INTERVAL @seconds SECOND, waiting_since = NULL", due, due.ClaimUntil, new { seconds = interval.TotalSeconds }, cancellationToken);

    /// <summary>To be looked into once more, behind the others who wait or after a pause.</summary>
    public Task PutBackAsync(DueOutbox due, TimeSpan pause, CancellationToken cancellationToken) =>
        UpdateAsync(
            "due_at = UTC_TIMESTAMP(6) + INTERVAL @seconds SECOND, waiting_since = COALESCE(waiting_since, UTC_TIMESTAMP(6))",
            due,
            due.ClaimUntil,
            new { seconds = pause.TotalSeconds },
            cancellationToken);

    /// <summary>How many tenants are known to have events that wait, and for how long the first of them.</summary>
    public async Task<(long Tenants, double Seconds)> BacklogAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<(long, double)>(new CommandDefinition(
            """
            SELECT COUNT(*), COALESCE(TIMESTAMPDIFF(MICROSECOND, MIN(waiting_since), UTC_TIMESTAMP(6)), 0) / 1e6
            FROM outbox_tenants WHERE waiting_since IS NOT NULL
            """,
            cancellationToken: cancellationToken));
    }

    private async Task<bool> UpdateAsync(string assignments, DueOutbox due, DateTimeOffset expected, object values, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(values);
        parameters.Add("tenant", due.Placement.TenantId);
        parameters.Add("expected", expected);
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE outbox_tenants SET {assignments} WHERE tenant_id = @tenant AND due_at = @expected",
            parameters,
            cancellationToken: cancellationToken)) == 1;
    }
}
