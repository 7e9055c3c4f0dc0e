using System.Collections.Immutable;
using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Schema;

/// <summary>Brings one database to the newest of its scripts, and refuses one whose history was tampered with.</summary>
public sealed class SchemaMigrator(TimeProvider time)
{
    /// <summary>Applies what is missing to the database that the connection is in; nothing when all is there.</summary>
    /// <param name="connection">An administrator's connection, in the database.</param>
    /// <param name="history">The table that records applied scripts.</param>
    /// <param name="scripts">All scripts, in order.</param>
    /// <param name="cancellationToken">Stops between two scripts.</param>
    /// <returns>The version that the database now has.</returns>
    /// <exception cref="SchemaChangedException">An applied script's text is no longer what was applied.</exception>
    /// <exception cref="SchemaBlockedException">Rows stand in a script's way.</exception>
    public async Task<int> MigrateAsync(
        DbConnection connection,
        SchemaHistory history,
        ImmutableArray<SchemaScript> scripts,
        CancellationToken cancellationToken)
    {
        // One round trip makes the table and reads it: a new tenant's whole migration is then two.
        var applied = (await connection.QueryAsync<(int Number, string Checksum)>(new CommandDefinition(
            $"""
            CREATE TABLE IF NOT EXISTS {history.Table} (
              number     INT UNSIGNED NOT NULL PRIMARY KEY,
              name       VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
              checksum   CHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
              applied_at DATETIME(6)  NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
            SELECT number, checksum FROM {history.Table} ORDER BY number
            """,
            cancellationToken: cancellationToken))).ToDictionary(row => row.Number, row => row.Checksum);

        foreach (var script in scripts)
        {
            if (applied.TryGetValue(script.Number, out var checksum))
            {
                if (!string.Equals(checksum, script.Checksum, StringComparison.Ordinal))
                {
                    throw new SchemaChangedException(script);
                }

                continue;
            }

            if (script.Prepare is { } prepare)
            {
                await prepare(connection, cancellationToken);
            }

            await connection.ExecuteAsync(new CommandDefinition(
                $"""
                {script.Sql.TrimEnd().TrimEnd(';')};
                INSERT IGNORE INTO {history.Table} (number, name, checksum, applied_at) VALUES (@Number, @Name, @Checksum, @now)
                """,
                new { script.Number, script.Name, script.Checksum, now = time.GetUtcNow() },
                cancellationToken: cancellationToken));
        }

        return scripts[^1].Number;
    }
}
