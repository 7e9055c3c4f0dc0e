using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Databases;

/// <summary>
/// Takes a closed tenant's database off its server in small steps, each of which may be repeated: first nobody can enter any more, then the
/// tables go one by one, then the empty database.
/// </summary>
public sealed class TenantDatabaseRemoval(DatabaseAdministration administration)
{
    /// <summary>Drops the tenant's role with its rights and memberships.</summary>
    public async Task DropRoleAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        await using var connection = await administration.OpenAsync(placement.ServerName, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition($"DROP ROLE IF EXISTS {placement.Role.Quoted}", cancellationToken: cancellationToken));
    }

    /// <summary>Drops one table that no other refers to.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DropOneTableAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        await using var connection = await administration.OpenAsync(placement.ServerName, cancellationToken);
        if (!TableName.TryParse(await FindTableAsync(connection, placement, cancellationToken), out var table))
        {
            // Empty, or only what no schema script has made; that goes with the database.
            return false;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            $"DROP TABLE IF EXISTS {placement.Database.Quoted}.{table.Quoted}",
            cancellationToken: cancellationToken));
        return true;
    }

    /// <summary>Drops the database with whatever is left in it.</summary>
    public async Task DropDatabaseAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        await using var connection = await administration.OpenAsync(placement.ServerName, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition($"DROP DATABASE IF EXISTS {placement.Database.Quoted}", cancellationToken: cancellationToken));
    }

    private static Task<string?> FindTableAsync(DbConnection connection, TenantPlacement placement, CancellationToken cancellationToken) =>
        connection.QueryFirstOrDefaultAsync<string?>(new CommandDefinition(
            """
            SELECT t.table_name FROM information_schema.tables t
            WHERE t.table_schema = @database AND t.table_type = 'BASE TABLE' AND t.table_name REGEXP '^[a-z0-9_]+$'
              AND NOT EXISTS (
                SELECT 1 FROM information_schema.referential_constraints r
                WHERE r.constraint_schema = t.table_schema AND r.referenced_table_name = t.table_name AND r.table_name <> t.table_name)
            ORDER BY t.table_name LIMIT 1
            """,
            new { database = placement.Database.Value },
            cancellationToken: cancellationToken));
}
