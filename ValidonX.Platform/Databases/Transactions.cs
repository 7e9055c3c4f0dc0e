using System.Data;
using System.Data.Common;

namespace ValidonX.Platform.Databases;

/// <summary>Transactions that run again after a deadlock, which InnoDB expects of every caller.</summary>
internal static class Transactions
{
    private const int Attempts = 5;

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
            catch (DbException lost) when (attempt < Attempts && DatabaseError.IsTransient(lost))
            {
                // The server has rolled it back; the other one won, so trying at once is fair.
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
            catch (DbException lost) when (attempt < Attempts && DatabaseError.IsTransient(lost))
            {
                // As above.
            }
        }
    }

    private static async Task<T> RunOnceAsync<T>(
        DbConnection connection,
        Func<DbTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        var result = await work(transaction, cancellationToken);
        // Whoever asked may go away meanwhile: what has begun to commit is no longer theirs to cancel.
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }
}
