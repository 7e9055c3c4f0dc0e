using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Databases;

/// <summary>
/// One tenant's database, open for one request or job. While it is open the connection has that tenant's role and no
/// other right, so a statement that names another tenant's database is denied by the server. However it is left, the session
/// is then without role and transaction, or it is ended.
/// </summary>
public sealed class TenantScope : IAsyncDisposable
{
    private const int LongestRemembered = 2_048;
    private const string EntersRole = "SET ROLE ";
    private const string EntersDatabase = "; USE ";
    private const string Leaves = "; SET ROLE NONE";

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

    /// <summary>A message of this class to the server without what enters and leaves the scope around it; of one that does only that the whole.</summary>
    public static string Inner(string message)
    {
        var begin = message.StartsWith(EntersRole, StringComparison.Ordinal) && message.IndexOf(EntersDatabase, StringComparison.Ordinal) is > 0 and var use
            ? message.IndexOf("; ", use + EntersDatabase.Length, StringComparison.Ordinal) + 2
            : 0;
        var inner = begin < 2 ? message : message[begin..];
        return inner.EndsWith(Leaves, StringComparison.Ordinal) ? inner[..^Leaves.Length] : inner;
    }

    /// <summary>Ends with the scope.</summary>
    internal DatabaseUse Use { private get; set; }

    /// <summary>Runs one transaction in the scope, again when it lost against another one, at most five times.</summary>
    public Task<T> TransactAsync<T>(Func<DbTransaction, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        Transactions.RunAsync(_connection, work, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A session that cannot drop its role must not serve anyone else.
        await Transactions.LeaveAsync(_connection, $"ROLLBACK{Leaves}");
        await _connection.DisposeAsync();
        Use.Dispose();
        Use = default;
    }

    internal static Task<TenantScope> OpenAsync(DbDataSource server, TenantPlacement placement, CancellationToken cancellationToken) =>
        WithSessionAsync(
            server,
            placement,
            async scope =>
            {
                await scope._connection.ExecuteAsync(new CommandDefinition(scope.Entry, cancellationToken: cancellationToken));
                return scope;
            },
            cancellationToken);

    /// <summary>Enters the scope, reads and leaves it again, all in one message.</summary>
    /// <param name="sql">Statements that read, each with one result.</param>
    /// <param name="read">Reads all of the results, in their order.</param>
    internal static Task<T> ReadAsync<T>(
        DbDataSource server,
        TenantPlacement placement,
        string sql,
        object parameters,
        Func<SqlMapper.GridReader, Task<T>> read,
        CancellationToken cancellationToken) =>
        WithSessionAsync(
            server,
            placement,
            async scope =>
            {
                await using var rows = await scope._connection.QueryMultipleAsync(
                    new CommandDefinition($"{scope.Entry}; {sql}{Leaves}", parameters, cancellationToken: cancellationToken));
                var result = await read(rows);
                if (!rows.IsConsumed)
                {
                    throw new InvalidOperationException("Not all results of a read were read: whether its scope was left is not known.");
                }

                await scope._connection.DisposeAsync();
                return result;
            },
            cancellationToken);

    /// <summary>Enters the scope, begins a transaction, looks; then writes, commits and leaves: two messages.</summary>
    internal static async Task<T> WriteAsync<T>(
        DbDataSource server,
        TenantPlacement placement,
        InterpolatedSql look,
        Func<SqlMapper.GridReader, Task<(InterpolatedSql? Write, T Result)>> decide,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (scope, (write, result)) = await WithSessionAsync(server, placement, scope => scope.LookAsync(look, decide, cancellationToken), cancellationToken);
                await scope.WriteAsync(write);
                return result;
            }
            catch (DbException lost) when (attempt < Deadlocks.Attempts && DatabaseError.IsTransient(lost))
            {
                await Deadlocks.PauseAsync(attempt, cancellationToken);
            }
        }
    }

    private async Task<(TenantScope Scope, (InterpolatedSql? Write, T Result) Decision)> LookAsync<T>(
        InterpolatedSql look, Func<SqlMapper.GridReader, Task<(InterpolatedSql? Write, T Result)>> decide, CancellationToken cancellationToken)
    {
        try
        {
            await using var rows = await _connection.QueryMultipleAsync(new CommandDefinition(
                $"{Entry}; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION; {look.Text}", look.Parameters, flags: Remembering(look), cancellationToken: cancellationToken));
            return (this, await decide(rows));
        }
        catch (DbException interrupted) when (cancellationToken.IsCancellationRequested && DatabaseError.IsInterrupted(interrupted))
        {
            throw new OperationCanceledException(interrupted.Message, interrupted, cancellationToken);
        }
    }

    /// <summary>Once this is sent nobody can say that nothing happened, so nobody hangs up on it.</summary>
    private async Task WriteAsync(InterpolatedSql? write)
    {
        try
        {
            await _connection.ExecuteAsync(new CommandDefinition(
                write is null ? $"ROLLBACK{Leaves}" : $"{write.Text}; COMMIT{Leaves}", write?.Parameters, flags: Remembering(write), cancellationToken: CancellationToken.None));
            await _connection.DisposeAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Dapper keeps every text that it has seen; those whose length depends on what is asked for would fill the memory.</summary>
    private static CommandFlags Remembering(InterpolatedSql? sql) => sql is { Text.Length: > LongestRemembered } ? CommandFlags.NoCache : CommandFlags.Buffered;

    private string Entry => $"{EntersRole}{Placement.Role.Quoted}{EntersDatabase}{Placement.Database.Quoted}";

    /// <summary>
    /// Begins with a session of the pool, once more when the server had ended that one while it lay there. <paramref name="begin"/> has read at most, so
    /// that it may run twice; when it fails, the role may be set all the same, and the session leaves through the scope's door.
    /// </summary>
    private static async Task<T> WithSessionAsync<T>(
        DbDataSource server, TenantPlacement placement, Func<TenantScope, Task<T>> begin, CancellationToken cancellationToken)
    {
        var scope = new TenantScope(placement, await server.OpenConnectionAsync(cancellationToken));
        try
        {
            return await begin(scope);
        }
        catch (Exception failure)
        {
            await scope.DisposeAsync();
            if (!DatabaseError.IsConnectionLost(failure))
            {
                throw;
            }
        }

        scope = new TenantScope(placement, await OpenAliveAsync(server, cancellationToken));
        try
        {
            return await begin(scope);
        }
        catch
        {
            await scope.DisposeAsync();
            throw;
        }
    }

    /// <summary>A session that answers. Those that do not leave the pool, so that this ends with a new one or the failure to open it.</summary>
    private static async Task<DbConnection> OpenAliveAsync(DbDataSource server, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await server.OpenConnectionAsync(cancellationToken);
            if (await DatabaseClient.IsAliveAsync(connection, cancellationToken))
            {
                return connection;
            }

            await connection.DisposeAsync();
        }
    }
}
