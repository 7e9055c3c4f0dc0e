using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Databases;

/// <summary>Chooses the database server of a new tenant.</summary>
public static class Placement
{
    /// <summary>
    /// The least-filled server (tenants ÷ capacity) of the region and class that still has room, or <see langword="null"/>
    /// when there is none. The caller stores the choice in the tenant's row in the same transaction.
    /// </summary>
    public static Task<string?> ChooseServerAsync(
        DbTransaction transaction,
        string region,
        string serverClass,
        CancellationToken cancellationToken) =>
        transaction.Connection!.QueryFirstOrDefaultAsync<string?>(new CommandDefinition(
            """
            SELECT s.name
            FROM database_servers s
            LEFT JOIN (SELECT server_name, COUNT(*) AS tenants FROM tenants WHERE status <> 'closed' GROUP BY server_name) t
              ON t.server_name = s.name
            WHERE s.region = @region AND s.class = @serverClass AND s.accepts_tenants = 1
              AND COALESCE(t.tenants, 0) < COALESCE(s.capacity_override, s.capacity)
            ORDER BY COALESCE(t.tenants, 0) / COALESCE(s.capacity_override, s.capacity), s.name
            LIMIT 1
            """,
            new { region, serverClass },
            transaction,
            cancellationToken: cancellationToken));
}
