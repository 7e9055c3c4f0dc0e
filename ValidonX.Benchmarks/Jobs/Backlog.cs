using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Schema;

namespace ValidonX.Benchmarks.Jobs;

/// <summary>A queue in a database of its own, which no other worker knows.</summary>
internal sealed class Backlog : IAsyncDisposable
{
    private const string Owner = "benchmark";
    private const int RowsAtOnce = 5_000;

    private readonly PlatformDatabase _database;
    private readonly JobQueue _queue;
    private readonly string _name;

    private Backlog(PlatformDatabase database, string name)
    {
        (_database, _name) = (database, name);
        _queue = new JobQueue(database, Options.Create(new JobOptions()));
    }

    /// <summary>Makes the database and fills it with due jobs; half of them are one tenant's.</summary>
    public static async Task<Backlog> MakeAsync(string connectionString, string name, int jobs, int tenants)
    {
        var login = ConnectionSettings.Parse(connectionString);
        await using (var server = new PlatformDatabase(login))
        await using (var connection = await server.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        }

        var backlog = new Backlog(new PlatformDatabase(login with { Database = name }), name);
        await new PlatformSchema(backlog._database, new SchemaMigrator(TimeProvider.System)).MigrateAsync(CancellationToken.None);
        await backlog.FillAsync(jobs, [.. Enumerable.Range(0, tenants).Select(_ => Guid.CreateVersion7())]);
        return backlog;
    }

    /// <summary>Claims a job, which is measured, ends it and adds another one of its tenant, which is not.</summary>
    /// <returns>Milliseconds.</returns>
    public async Task<double> ClaimAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var job = await _queue.ClaimAsync(Owner, CancellationToken.None) ?? throw new InvalidOperationException("No job is due.");
        var elapsed = TimeProvider.System.GetElapsedTime(started);

        await using (var connection = await _database.OpenAsync(CancellationToken.None))
        {
            await new LeasedWrites(job.Id, Owner, _queue.Lease).Add(JobEnding.Succeeded(job)).ExecuteAsync(connection, CancellationToken.None);
        }

        await _database.TransactAsync(
            (transaction, token) => JobQueue.EnqueueAsync(transaction, job.TenantId, job.Kind, job.Payload, job.MaximumAttempts, token),
            CancellationToken.None);
        return elapsed.TotalMilliseconds;
    }

    /// <summary>What the server and its disk take for a commit alone, of a row that is written and deleted: no claim can cost less.</summary>
    /// <returns>Milliseconds.</returns>
    public async Task<double> CommitAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var connection = await _database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(
            "START TRANSACTION; INSERT INTO queue_claims (owner, tenant_id) VALUES (@Owner, ''); DELETE FROM queue_claims WHERE owner = @Owner; COMMIT", new { Owner });
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>What the gauges of the backlog cost.</summary>
    /// <returns>Milliseconds.</returns>
    public async Task<double> CountAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        await _queue.WaitingAsync(5_000, CancellationToken.None);
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = await _database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync($"DROP DATABASE `{_name}`");
        }

        await _database.DisposeAsync();
    }

    private async Task FillAsync(int jobs, Guid[] tenants)
    {
        await using var connection = await _database.OpenAsync(CancellationToken.None);
        foreach (var some in Enumerable.Range(0, jobs).Chunk(RowsAtOnce))
        {
            var rows = some.Select(i => $"('{Guid.CreateVersion7()}', '{tenants[i % 2 == 0 ? 0 : i % tenants.Length]}', 'benchmark', '{{}}', 'pending', 8, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
            await connection.ExecuteAsync(
                $"INSERT INTO jobs (id, tenant_id, kind, payload, status, max_attempts, due_at, created_at) VALUES {string.Join(", ", rows)}");
        }

        await connection.ExecuteAsync(
            "INSERT INTO job_queues (tenant_id, waiting, next_at) SELECT tenant_id, 1, MIN(due_at) FROM jobs WHERE due_at IS NOT NULL GROUP BY tenant_id");
    }
}
