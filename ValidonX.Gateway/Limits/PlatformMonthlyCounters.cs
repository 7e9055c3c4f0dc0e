using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>Keeps the monthly counts in the platform database, where a restart of Redis does not reach.</summary>
internal sealed class PlatformMonthlyCounters(PlatformDatabase platform, DatabaseOutage outage, TimeProvider time) : IMonthlyCounterStore
{
    private const string TenantPrefix = "tenant:";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MonthlyCount>> ReadAsync(string partition, DateOnly month, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Writer, long Used)>(new CommandDefinition(
            """
            SELECT writer, CAST(used AS SIGNED) FROM api_call_months WHERE tenant_id = @tenant AND month = @month
            """,
            new { tenant = TenantOf(partition), month = Text(month) },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => new MonthlyCount(row.Writer, row.Used))];
    }

    /// <inheritdoc/>
    public async Task RaiseAsync(IReadOnlyList<MonthlyUse> uses, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var values = string.Join(", ", uses.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"(@t{i}, @m{i}, @w{i}, @u{i}, @now)")));
        var parameters = new DynamicParameters(new { now = time.GetUtcNow() });
        for (var i = 0; i < uses.Count; i++)
        {
            parameters.Add(string.Create(CultureInfo.InvariantCulture, $"t{i}"), TenantOf(uses[i].Partition));
            parameters.Add(string.Create(CultureInfo.InvariantCulture, $"m{i}"), Text(uses[i].Month));
            parameters.Add(string.Create(CultureInfo.InvariantCulture, $"w{i}"), uses[i].Writer);
            parameters.Add(string.Create(CultureInfo.InvariantCulture, $"u{i}"), uses[i].Used);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO api_call_months (tenant_id, month, writer, used, updated_at) VALUES {values}
            ON DUPLICATE KEY UPDATE used = GREATEST(used, VALUES(used)), updated_at = VALUES(updated_at)
            """,
            parameters,
            cancellationToken: cancellationToken));
    }

    private async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await platform.OpenAsync(cancellationToken);
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
            throw;
        }
    }

    /// <summary>The only monthly policy is the tenant's, so its counter belongs to a tenant and a tenant has one.</summary>
    private static string TenantOf(string partition) =>
        partition.StartsWith(TenantPrefix, StringComparison.Ordinal) && Guid.TryParseExact(partition.AsSpan(TenantPrefix.Length, 36), "D", out var id)
            ? id.ToString()
            : throw new ArgumentException("A monthly counter belongs to a tenant.", nameof(partition));

    private static string Text(DateOnly month) => month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
