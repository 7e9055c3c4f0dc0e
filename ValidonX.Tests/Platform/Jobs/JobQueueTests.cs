using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Jobs;
using ValidonX.Tests.Platform.Databases;

namespace ValidonX.Tests.Platform.Jobs;

/// <summary>The guarantees of the queue itself. Each test empties it first; tests of one class run one after the other.</summary>
public sealed class JobQueueTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>, IAsyncLifetime
{
    private readonly JobQueue _queue = new(fixture.Platform, Options.Create(new JobOptions()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await ExecuteAsync("DELETE FROM jobs; DELETE FROM job_queues");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_job_without_a_tenant_is_an_error()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => EnqueueAsync(Guid.Empty));

        Assert.Equal(0, await CountAsync("1 = 1"));
    }

    [Fact]
    public async Task A_job_is_there_only_when_the_change_that_causes_it_is_committed()
    {
        await using (var connection = await fixture.Platform.OpenAsync(Cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await JobQueue.EnqueueAsync(transaction, Guid.CreateVersion7(), "test", "{}", 3, Cancellation);
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.Null(await _queue.ClaimAsync("one", Cancellation));
    }

    [Fact]
    public async Task A_claimed_job_is_nobody_elses_until_its_lease_runs_out()
    {
        var tenant = Guid.CreateVersion7();
        await EnqueueAsync(tenant);

        var first = await _queue.ClaimAsync("one", Cancellation);
        Assert.NotNull(first);
        Assert.Equal((tenant, "test", "{}", 1, 3), (first.TenantId, first.Kind, first.Payload, first.Attempt, first.MaximumAttempts));
        Assert.Null(await _queue.ClaimAsync("two", Cancellation));
        Assert.True(await _queue.RenewAsync(first, "one", Cancellation));

        await MakeDueAsync("- INTERVAL 1 SECOND");
        var second = await _queue.ClaimAsync("two", Cancellation);

        Assert.Equal((first.Id, 2), (second!.Id, second.Attempt));
        Assert.False(await _queue.RenewAsync(first, "one", Cancellation));
        Assert.True(await _queue.RenewAsync(second, "two", Cancellation));
    }

    [Fact]
    public async Task A_lease_that_ran_out_is_still_its_holders_while_nobody_has_taken_the_job_over()
    {
        await EnqueueAsync(Guid.CreateVersion7());
        var job = await _queue.ClaimAsync("one", Cancellation);
        await MakeDueAsync("- INTERVAL 1 SECOND");

        Assert.True(await _queue.RenewAsync(job!, "one", Cancellation));
        Assert.Null(await _queue.ClaimAsync("two", Cancellation));
    }

    [Fact]
    public async Task A_job_that_is_not_due_yet_waits()
    {
        await EnqueueAsync(Guid.CreateVersion7());
        await MakeDueAsync("+ INTERVAL 1 HOUR");

        Assert.Null(await _queue.ClaimAsync("one", Cancellation));
    }

    [Fact]
    public async Task One_tenants_thousand_jobs_do_not_delay_anothers_one()
    {
        var greedy = Guid.CreateVersion7();
        var modest = Guid.CreateVersion7();
        await fixture.Platform.TransactAsync(
            async (transaction, token) =>
            {
                for (var i = 0; i < 1000; i++) await JobQueue.EnqueueAsync(transaction, greedy, "test", "{}", 3, token);
            },
            Cancellation);
        var first = await _queue.ClaimAsync("one", Cancellation);
        await EnqueueAsync(modest);

        var second = await _queue.ClaimAsync("one", Cancellation);
        var third = await _queue.ClaimAsync("one", Cancellation);

        Assert.Equal([greedy, modest, greedy], [first!.TenantId, second!.TenantId, third!.TenantId]);
    }

    [Fact]
    public async Task Many_workers_at_once_share_the_jobs_without_getting_one_twice()
    {
        const int Jobs = 120;
        var tenants = Enumerable.Range(0, 7).Select(_ => Guid.CreateVersion7()).ToList();
        for (var i = 0; i < Jobs; i++) await EnqueueAsync(tenants[i % tenants.Count]);

        var claimed = new ConcurrentBag<Guid>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                while (claimed.Count < Jobs)
                {
                    if (await _queue.ClaimAsync($"worker-{worker}", Cancellation) is { } job) claimed.Add(job.Id);
                }
            },
            Cancellation)));

        Assert.Equal(Jobs, claimed.Distinct().Count());
        Assert.Equal(Jobs, claimed.Count);
        Assert.Equal(Jobs, await CountAsync("status = 'running' AND attempts = 1"));
    }

    [Fact]
    public async Task A_job_handed_back_is_due_at_once_and_keeps_its_attempts()
    {
        await EnqueueAsync(Guid.CreateVersion7());
        var job = await _queue.ClaimAsync("one", Cancellation);

        await _queue.ReleaseAsync(job!, "two", Cancellation);
        Assert.Null(await _queue.ClaimAsync("two", Cancellation));
        await _queue.ReleaseAsync(job!, "one", Cancellation);

        Assert.Equal((job!.Id, 1), (await _queue.ClaimAsync("two", Cancellation)) is { } again ? (again.Id, again.Attempt) : default);
    }

    [Fact]
    public async Task What_waits_is_counted_and_how_late_it_is_is_told()
    {
        for (var i = 0; i < 3; i++) await EnqueueAsync(Guid.CreateVersion7());
        await _queue.ClaimAsync("one", Cancellation);
        await MakeDueAsync("- INTERVAL 90 SECOND");

        var waiting = await _queue.WaitingAsync(10, Cancellation);

        Assert.Equal(2, waiting.Where(jobs => jobs.Kind == "test").Sum(jobs => jobs.Jobs));
        Assert.All(waiting, jobs => Assert.InRange(TimeSpan.FromMicroseconds(jobs.DueMicroseconds).TotalSeconds, 90, 150));
        Assert.InRange((await _queue.ClaimAsync("one", Cancellation))!.Waited.TotalSeconds, 90, 150);
    }

    [Fact]
    public async Task A_tenant_whose_jobs_somebody_is_just_changing_delays_no_other_tenant()
    {
        var (busy, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await EnqueueAsync(busy);
        await EnqueueAsync(other);
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            // Frozen here, for instance.
            await JobQueue.EnqueueAsync(transaction, busy, "test", "{}", 3, Cancellation);

            Assert.Equal(other, (await _queue.ClaimAsync("one", Cancellation))?.TenantId);
            Assert.Null(await _queue.ClaimAsync("one", Cancellation));
            await transaction.CommitAsync(Cancellation);
        }

        Assert.Equal(busy, (await _queue.ClaimAsync("one", Cancellation))?.TenantId);
        Assert.Equal(busy, (await _queue.ClaimAsync("one", Cancellation))?.TenantId);
    }

    [Fact]
    public async Task A_job_that_somebody_has_locked_delays_no_other_job()
    {
        var tenant = Guid.CreateVersion7();
        var locked = await EnqueueAsync(tenant);
        var next = await EnqueueAsync(tenant);
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await connection.ExecuteAsync("SELECT id FROM jobs WHERE id = @locked FOR UPDATE", new { locked }, transaction);

        Assert.Equal(next, (await _queue.ClaimAsync("one", Cancellation))?.Id);
        await EnqueueAsync(Guid.CreateVersion7());
        Assert.NotNull(await _queue.ClaimAsync("one", Cancellation));
        Assert.Null(await _queue.ClaimAsync("one", Cancellation));
        await transaction.RollbackAsync(Cancellation);

        Assert.Equal(locked, (await _queue.ClaimAsync("one", Cancellation))?.Id);
    }

    [Fact]
    public async Task A_claim_reads_no_more_rows_with_twenty_thousand_jobs_than_with_one()
    {
        const int Claims = 5;
        var alone = long.MaxValue;
        for (var i = 0; i < Claims; i++)
        {
            await EnqueueAsync(Guid.CreateVersion7());
            alone = Math.Min(alone, await RowsReadAsync(() => _queue.ClaimAsync("one", Cancellation)));
        }

        await ExecuteAsync(
            """
            INSERT INTO jobs (id, tenant_id, kind, payload, status, max_attempts, due_at, created_at)
            SELECT CONCAT('00000000-0000-0000-0000-0000000', LPAD(a.n * 200 + b.n, 5, '0')), CONCAT('00000000-0000-0000-0000-000000000', LPAD(b.n, 3, '0')),
              'test', '{}', 'pending', 3, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
            FROM (WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 99) SELECT n FROM c) a,
                 (WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 199) SELECT n FROM c) b;
            INSERT INTO job_queues (tenant_id, waiting, next_at) SELECT tenant_id, 1, MIN(due_at) FROM jobs WHERE status = 'pending' GROUP BY tenant_id
            """);

        // The least of several: the server counts what it reads for itself too, for instance when it has taken stock of a table that has grown.
        var crowded = long.MaxValue;
        for (var i = 0; i < Claims; i++)
        {
            crowded = Math.Min(crowded, await RowsReadAsync(async () => Assert.NotNull(await _queue.ClaimAsync("one", Cancellation))));
        }

        Assert.True(crowded <= alone + 20, $"{crowded} against {alone} rows.");
    }

    [Fact]
    public async Task Jobs_that_ended_are_deleted_after_their_time_a_few_at_a_time()
    {
        for (var i = 0; i < 3; i++) await EnqueueAsync(Guid.CreateVersion7());
        await ExecuteAsync("UPDATE jobs SET status = 'succeeded', due_at = NULL, finished_at = UTC_TIMESTAMP(6) - INTERVAL 2 HOUR");
        await EnqueueAsync(Guid.CreateVersion7());

        Assert.Equal(0, await _queue.DeleteEndedAsync(TimeSpan.FromHours(3), 2, Cancellation));
        Assert.Equal(2, await _queue.DeleteEndedAsync(TimeSpan.FromHours(1), 2, Cancellation));
        Assert.Equal(1, await _queue.DeleteEndedAsync(TimeSpan.FromHours(1), 2, Cancellation));
        Assert.Equal(1, await CountAsync("status = 'pending'"));
    }

    private Task<Guid> EnqueueAsync(Guid tenant) => fixture.Platform.TransactAsync(
        (transaction, token) => JobQueue.EnqueueAsync(transaction, tenant, "test", "{}", 3, token), Cancellation);

    /// <summary>As if that much of the jobs' time had passed.</summary>
    private Task MakeDueAsync(string when) => ExecuteAsync(
        $"UPDATE jobs SET due_at = UTC_TIMESTAMP(6) {when} WHERE due_at IS NOT NULL; UPDATE job_queues SET next_at = UTC_TIMESTAMP(6) {when}");

    private async Task<long> RowsReadAsync(Func<Task> work)
    {
        async Task<long> ReadAsync()
        {
            await using var connection = await fixture.Platform.OpenAsync(Cancellation);
            return (await connection.QueryAsync<(string, string)>("SHOW GLOBAL STATUS LIKE 'Handler_read%'")).Sum(row => long.Parse(row.Item2, null));
        }

        var before = await ReadAsync();
        var idle = await ReadAsync() - before;
        await work();
        return await ReadAsync() - before - (2 * idle);
    }

    private async Task<int> CountAsync(string where)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM jobs WHERE {where}");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(sql);
    }
}
