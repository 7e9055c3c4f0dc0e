using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Jobs;

/// <summary>
/// What a worker writes in the platform database about its job: one transaction that takes effect only while the worker has the lease.
/// It travels as one message, so that a worker which freezes or loses its network cannot sit on locks that keep others from taking over.
/// </summary>
public sealed class LeasedWrites
{
    // A subquery that gives two rows where one is allowed is an error, which ends the message before anything is written. It stands in
    // a SET, because DO makes a warning of it and a SELECT has begun its answer by then; and in this one, because a wait for a lock
    // should end before the client's patience does.
    private const string Fence =
        """
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        START TRANSACTION;
        UPDATE jobs SET due_at = UTC_TIMESTAMP(6) + INTERVAL @lease MICROSECOND
        WHERE id = @job AND status = 'running' AND lease_owner = @owner;
        SET SESSION innodb_lock_wait_timeout = (
          SELECT 10 UNION ALL SELECT 10 FROM DUAL
          WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = @job AND status = 'running' AND lease_owner = @owner));

        """;

    // Back to the server's own.
    private const string Patience = "SET SESSION innodb_lock_wait_timeout = DEFAULT";

    private readonly Guid _jobId;
    private readonly InterpolatedSql _sql = new();

    public LeasedWrites(Guid jobId, string owner, TimeSpan lease)
    {
        _jobId = jobId;
        _sql.Parameters.AddDynamicParams(new { job = jobId, owner, lease = (long)lease.TotalMicroseconds });
    }

    /// <summary>Adds a statement; whatever is interpolated into it becomes a parameter.</summary>
    public LeasedWrites Add(FormattableString statement)
    {
        _sql.Add(statement).Add($";\n");
        return this;
    }

    /// <summary>Executes and commits all of it, again when it lost against another transaction.</summary>
    /// <exception cref="LeaseLostException">The job is another worker's; nothing is written.</exception>
    /// <exception cref="DbException">The server refused a statement or cannot be reached; nothing is written, unless only the answer was lost.</exception>
    public async Task ExecuteAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var command = new CommandDefinition($"{Fence}{_sql.Text}COMMIT; {Patience}", _sql.Parameters, cancellationToken: cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await connection.ExecuteAsync(command);
                return;
            }
            catch (Exception failure)
            {
                await Transactions.LeaveAsync(connection, $"ROLLBACK; {Patience}");
                if (DatabaseError.IsTooManyRows(failure))
                {
                    throw new LeaseLostException(_jobId);
                }

                if (attempt == Deadlocks.Attempts || !DatabaseError.IsTransient(failure))
                {
                    throw;
                }

                await Deadlocks.PauseAsync(attempt, cancellationToken);
            }
        }
    }
}
