using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using Dapper;

namespace ValidonX.Platform.Databases;

/// <summary>Transactions that run again after a deadlock, which InnoDB expects of every caller.</summary>
internal static class Transactions
{
    private const int LeaveSeconds = 5;

    /// <summary>
    /// Opens a connection, runs <paramref name="work"/> in one READ COMMITTED transaction and commits it. READ COMMITTED, because
    /// every place that needs a stable row locks it, and gap locks only make unrelated tenants wait for each other.
    /// </summary>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<DbConnection>> open,
        Func<DbTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await open(cancellationToken);
                return await RunOnceAsync(connection, work, cancellationToken);
            }
            catch (DbException lost) when (attempt < Deadlocks.Attempts && DatabaseError.IsTransient(lost))
            {
                // The server has rolled it back.
                await Deadlocks.PauseAsync(attempt, cancellationToken);
            }
        }
    }

    /// <summary>The same on a connection that the caller keeps.</summary>
    public static async Task<T> RunAsync<T>(
        DbConnection connection,
        Func<DbTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(connection, work, cancellationToken);
            }
            catch (DbException lost) when (attempt < Deadlocks.Attempts && DatabaseError.IsTransient(lost))
            {
                await Deadlocks.PauseAsync(attempt, cancellationToken);
            }
        }
    }

    private static async Task<T> RunOnceAsync<T>(
        DbConnection connection,
        Func<DbTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        var transaction = await BeginAsync(connection, cancellationToken);
        try
        {
            var result = await work(transaction, cancellationToken);
            // Once this is sent nobody can say that nothing happened, so nobody hangs up on it.
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        catch (DbException interrupted) when (cancellationToken.IsCancellationRequested && DatabaseError.IsInterrupted(interrupted))
        {
            // The server was faster than the client in telling that the caller has given up.
            await LeaveAsync(connection);
            throw new OperationCanceledException(interrupted.Message, interrupted, cancellationToken);
        }
        catch (Exception)
        {
            await LeaveAsync(connection);
            throw;
        }
        finally
        {
            await transaction.DisposeAsync();
        }
    }

    private static async Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // It waits for nobody in the server, and half of it would be an open transaction that nobody knows of.
            return await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, CancellationToken.None);
        }
        catch (Exception lost) when (lost is IOException or SocketException)
        {
            throw new ConnectionLostException(lost);
        }
    }

    /// <summary>
    /// Takes back what a session may still have, a transaction above all, so that no lock and no right outlives its user in the pool. A session that cannot do
    /// so is ended. Never throws: the failure that led here, or the answer that its user has already, is the one to tell.
    /// </summary>
    internal static async Task LeaveAsync(DbConnection connection, string sql = "ROLLBACK")
    {
        try
        {
            // Dapper would open a connection that has lost its session, and leave another one's.
            if (connection.State == ConnectionState.Open)
            {
                await connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: LeaveSeconds));
            }
        }
        catch (Exception)
        {
            await DatabaseClient.EndSessionAsync(connection);
            await connection.CloseAsync();
        }
    }
}
