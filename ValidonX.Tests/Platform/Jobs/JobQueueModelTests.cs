using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Jobs;
using ValidonX.Tests.Platform.Databases;

namespace ValidonX.Tests.Platform.Jobs;

/// <summary>The queue against a plain list of what should be in it, whatever happens in whatever order, and under many workers at once.</summary>
public sealed class JobQueueModelTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>, IAsyncLifetime
{
    private const string Owner = "worker";

    private readonly JobQueue _queue = new(fixture.Platform, Options.Create(new JobOptions { Lease = TimeSpan.FromMinutes(5) }));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await ExecuteAsync("DELETE FROM jobs; DELETE FROM job_queues");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_happens_every_claim_serves_the_due_tenant_served_least_recently(int seed)
    {
        var random = new Random(seed);
        var tenants = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToList();
        var waiting = new Dictionary<Guid, Guid>();
        var resting = new Dictionary<Guid, Guid>();
        var running = new List<Job>();
        var served = new List<Guid>();

        for (var step = 0; step < 150; step++)
        {
            var job = running.Count == 0 ? null : running[random.Next(running.Count)];
            switch (random.Next(8))
            {
                case 0 or 1:
                    var tenant = tenants[random.Next(tenants.Count)];
                    waiting[await EnqueueAsync(tenant)] = tenant;
                    break;
                case 2 when job is not null:
                    await WriteAsync(job, JobEnding.Succeeded(job));
                    running.Remove(job);
                    break;
                case 3 when job is not null:
                    await WriteAsync(job, JobEnding.RetryAfter(TimeSpan.Zero, "again"));
                    running.Remove(job);
                    waiting[job.Id] = job.TenantId;
                    break;
                case 4 when job is not null:
                    await WriteAsync(job, JobEnding.RetryAfter(TimeSpan.FromHours(1), "later"));
                    running.Remove(job);
                    resting[job.Id] = job.TenantId;
                    break;
                case 5 when job is not null:
                    await _queue.ReleaseAsync(job, Owner, Cancellation);
                    running.Remove(job);
                    waiting[job.Id] = job.TenantId;
                    break;
                default:
                    var claimed = await _queue.ClaimAsync(Owner, Cancellation);
                    if (waiting.Count == 0)
                    {
                        Assert.Null(claimed);
                        break;
                    }

                    Assert.NotNull(claimed);
                    Assert.True(waiting.Remove(claimed.Id, out var owner), "The job was not waiting.");
                    Assert.Equal(owner, claimed.TenantId);
                    Assert.DoesNotContain(waiting.Values, other => served.LastIndexOf(other) < served.LastIndexOf(owner));
                    served.Add(owner);
                    running.Add(claimed);
                    break;
            }
        }

        await AssertRowsAreInStepAsync(exactly: false);
        while (await _queue.ClaimAsync(Owner, Cancellation) is { } left) Assert.True(waiting.Remove(left.Id));
        Assert.Empty(waiting);
    }

    [Fact]
    public async Task Many_workers_and_writers_at_once_end_every_job_once_and_leave_the_rows_in_step()
    {
        const int Writers = 4;
        const int JobsOfEach = 60;
        const int All = Writers * JobsOfEach;
        var tenants = Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7()).ToList();
        var ended = new ConcurrentBag<Guid>();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < JobsOfEach; i++) await EnqueueAsync(tenants[(i * 7 + writer) % tenants.Count]);
            },
            Cancellation));
        var workers = Enumerable.Range(0, 6).Select(worker => Task.Run(
            async () =>
            {
                var random = new Random(worker);
                var owner = $"{Owner}-{worker}";
                while (ended.Count < All)
                {
                    if (await _queue.ClaimAsync(owner, Cancellation) is not { } job) continue;
                    switch (random.Next(4))
                    {
                        case 0:
                            await _queue.ReleaseAsync(job, owner, Cancellation);
                            break;
                        case 1:
                            await WriteAsync(job, JobEnding.RetryAfter(TimeSpan.FromMilliseconds(random.Next(5)), "again"), owner);
                            break;
                        default:
                            await WriteAsync(job, JobEnding.Succeeded(job), owner);
                            ended.Add(job.Id);
                            break;
                    }
                }
            },
            Cancellation));

        await Task.WhenAll(writers.Concat(workers));

        Assert.Equal(All, ended.Distinct().Count());
        Assert.Equal(All, ended.Count);
        Assert.Null(await _queue.ClaimAsync(Owner, Cancellation));
        await AssertRowsAreInStepAsync(exactly: true);
    }

    /// <summary>No job is due before its queue's row says, and once all is done no row says that there is work.</summary>
    private async Task AssertRowsAreInStepAsync(bool exactly)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>(
            """
            SELECT COUNT(*) FROM jobs j LEFT JOIN job_queues q ON q.tenant_id = j.tenant_id AND q.waiting = 1 AND q.next_at <= j.due_at
            WHERE j.due_at IS NOT NULL AND q.tenant_id IS NULL
            """));
        if (exactly) Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM job_queues WHERE waiting = 1 AND next_at <= UTC_TIMESTAMP(6)"));
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM queue_claims"));
    }

    private async Task WriteAsync(Job job, FormattableString outcome, string owner = Owner)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await new LeasedWrites(job.Id, owner, TimeSpan.FromMinutes(5)).Add(outcome).ExecuteAsync(connection, Cancellation);
    }

    private Task<Guid> EnqueueAsync(Guid tenant) => fixture.Platform.TransactAsync(
        (transaction, token) => JobQueue.EnqueueAsync(transaction, tenant, "test", "{}", 1000, token), Cancellation);

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(sql);
    }
}
