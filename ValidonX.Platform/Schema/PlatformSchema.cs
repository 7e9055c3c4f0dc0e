using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Schema;

/// <summary>Brings the platform database up to date; several processes may try at once, one does it.</summary>
public sealed class PlatformSchema(PlatformDatabase platform, SchemaMigrator migrator)
{
    private const string Lock = "validonx_platform_schema";

    /// <summary>Applies the missing scripts under a server-side lock, which a killed process cannot leave behind.</summary>
    /// <exception cref="TimeoutException">Another process has held the lock for a minute.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var locked = await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            "SELECT GET_LOCK(@name, 60)",
            new { name = Lock },
            commandTimeout: 70,
            cancellationToken: cancellationToken));
        if (locked != 1)
        {
            throw new TimeoutException("Another process has been changing the platform schema for more than a minute.");
        }

        try
        {
            await migrator.MigrateAsync(connection, SchemaHistory.Platform, SchemaScript.Platform, cancellationToken);
        }
        finally
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "DO RELEASE_LOCK(@name)",
                new { name = Lock },
                cancellationToken: CancellationToken.None));
        }
    }
}
