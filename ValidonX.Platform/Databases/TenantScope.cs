using System.Data.Common;

namespace ValidonX.Platform.Databases;

/// <summary>
/// One tenant's database, open for one request or job. While it is open the connection has that tenant's role and no
/// other right, so a statement that names another tenant's database is denied by the server. Leaving it drops the role.
/// </summary>
public sealed class TenantScope : IAsyncDisposable
{
    private readonly DbConnection _connection;

    private TenantScope(TenantPlacement placement, DbConnection connection)
    {
        Placement = placement;
        _connection = connection;
    }

    /// <summary>Whose scope this is.</summary>
    public TenantPlacement Placement { get; }

    /// <summary>The connection, already in the tenant's database. Do not keep it beyond the scope.</summary>
    public DbConnection Connection => _connection;

    /// <summary>Runs one transaction in the scope, again when it lost against another one, at most five times.</summary>
    public Task<T> TransactAsync<T>(Func<DbTransaction, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        Transactions.RunAsync(_connection, work, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await ExecuteAsync(_connection, "SET ROLE NONE", CancellationToken.None);
        }
        catch (DbException)
        {
            // A session that cannot drop its role must not serve anyone else. Nearly always the connection is dead
            // already; if it is not, this ends it.
            await EndSessionAsync(_connection);
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    internal static async Task<TenantScope> OpenAsync(DbDataSource server, TenantPlacement placement, CancellationToken cancellationToken)
    {
        var connection = await server.OpenConnectionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, $"SET ROLE {placement.Role.Quoted}; USE {placement.Database.Quoted}", cancellationToken);
            return new TenantScope(placement, connection);
        }
        catch
        {
            // The role may be set although USE failed: leave through the same door.
            await new TenantScope(placement, connection).DisposeAsync();
            throw;
        }
    }

    private static async Task EndSessionAsync(DbConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, "KILL CONNECTION_ID()", CancellationToken.None);
        }
        catch (DbException)
        {
            // Expected: a session that ends itself has no answer to give.
        }
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
