using System.Diagnostics.Metrics;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Jobs;
using ValidonX.Tests.Platform.Databases;

namespace ValidonX.Tests.Platform.Jobs;

/// <summary>What becomes of a job, whatever its handler does.</summary>
public sealed class JobRunnerTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private const string Owner = "runner";

    private readonly JobQueue _queue = new(fixture.Platform, Options.Create(new JobOptions { Lease = TimeSpan.FromSeconds(1) }));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_whose_handler_returns_has_succeeded()
    {
        var job = await RunAsync((_, _) => Task.CompletedTask);

        Assert.Equal(("succeeded", null), (job.Status, job.Error));
    }

    [Fact]
    public async Task A_failure_is_tried_again_after_a_pause_and_says_only_what_may_be_shown()
    {
        var job = await RunAsync((_, _) => throw new InvalidOperationException("password=secret"));

        Assert.Equal(("pending", "The attempt failed unexpectedly; the worker's log tells why."), (job.Status, job.Error));
        Assert.True(job.Waits);
    }

    [Fact]
    public async Task A_failure_with_a_reason_is_stored_with_it()
    {
        var job = await RunAsync((_, _) => throw new JobFailedException("The reason."));

        Assert.Equal(("pending", "The reason."), (job.Status, job.Error));
    }

    [Fact]
    public async Task The_last_attempts_failure_is_final()
    {
        var job = await RunAsync((_, _) => throw new JobFailedException("The reason."), attempts: 3);

        Assert.Equal(("failed", "The reason."), (job.Status, job.Error));
    }

    [Fact]
    public async Task A_failure_that_no_attempt_can_mend_is_final_at_once()
    {
        var job = await RunAsync((_, _) => throw new JobFailedException("The reason.", isPermanent: true));

        Assert.Equal("failed", job.Status);
    }

    [Fact]
    public async Task A_job_that_has_killed_all_its_workers_is_not_tried_for_ever()
    {
        var ran = false;
        var job = await RunAsync(
            (_, _) =>
            {
                ran = true;
                return Task.CompletedTask;
            },
            attempts: 4);

        Assert.False(ran);
        Assert.Equal("failed", job.Status);
    }

    [Fact]
    public async Task A_job_of_an_unknown_kind_fails()
    {
        var job = await RunAsync((_, _) => Task.CompletedTask, kind: "unknown");

        Assert.Equal("failed", job.Status);
    }

    [Fact]
    public async Task A_handler_whose_job_is_taken_over_is_canceled_and_changes_nothing_more()
    {
        var job = await RunAsync(async (lease, token) =>
        {
            await ExecuteAsync("UPDATE jobs SET lease_owner = 'other' WHERE id = @Id", lease.Job.Id);
            var canceled = new TaskCompletionSource();
            await using var registration = token.Register(canceled.SetResult);
            await canceled.Task.WaitAsync(Cancellation);
            Assert.Throws<LeaseLostException>(lease.ThrowIfLost);
        });

        Assert.Equal(("running", "other"), (job.Status, job.LeaseOwner));
    }

    [Fact]
    public async Task A_lease_is_kept_for_as_long_as_the_handler_runs()
    {
        var job = await RunAsync(async (lease, token) =>
        {
            var first = await LeaseUntilAsync(lease.Job.Id);
            while (await LeaseUntilAsync(lease.Job.Id) < first + TimeSpan.FromSeconds(1.5)) await Task.Delay(20, token);
        });

        Assert.Equal("succeeded", job.Status);
    }

    [Fact]
    public async Task A_stopping_process_hands_its_job_back()
    {
        using var stop = new CancellationTokenSource();
        var job = await RunAsync(
            async (_, token) =>
            {
                await stop.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            abandon: stop);

        Assert.Equal(("pending", 0), (job.Status, job.Attempts));
    }

    private async Task<Row> RunAsync(
        Func<JobLease, CancellationToken, Task> handle, int attempts = 1, string kind = "test", CancellationTokenSource? abandon = null)
    {
        await ExecuteAsync("DELETE FROM jobs; DELETE FROM job_queues", default);
        var id = await fixture.Platform.TransactAsync(
            (transaction, token) => JobQueue.EnqueueAsync(transaction, Guid.CreateVersion7(), kind, "{}", 3, token), Cancellation);
        await ExecuteAsync($"UPDATE jobs SET attempts = {attempts - 1} WHERE id = @id", id);
        var before = TimeProvider.System.GetTimestamp();
        var job = await _queue.ClaimAsync(Owner, Cancellation);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new JobMetrics(services.GetRequiredService<IMeterFactory>());
        var runner = new JobRunner(
            _queue,
            fixture.Platform,
            [new Handler(handle)],
            new JobBackoff(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), new Random(1)),
            metrics,
            TimeProvider.System,
            NullLogger<JobRunner>.Instance);

        await runner.RunAsync(job!, Owner, before, abandon?.Token ?? Cancellation);

        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        return await connection.QuerySingleAsync<Row>(
            "SELECT status, error, attempts, lease_owner, due_at > UTC_TIMESTAMP(6) AS waits FROM jobs WHERE id = @id", new { id });
    }

    private async Task<DateTimeOffset> LeaseUntilAsync(Guid id)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<DateTimeOffset>("SELECT due_at FROM jobs WHERE id = @id", new { id });
    }

    private async Task ExecuteAsync(string sql, Guid id)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(sql, new { id });
    }

    private sealed class Handler(Func<JobLease, CancellationToken, Task> handle) : IJobHandler
    {
        public string Kind => "test";

        public Task HandleAsync(JobLease lease, CancellationToken cancellationToken) => handle(lease, cancellationToken);

        public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
        {
            // These jobs are about nothing.
        }
    }

    private sealed record Row
    {
        public required string Status { get; init; }

        public string? Error { get; init; }

        public int Attempts { get; init; }

        public string? LeaseOwner { get; init; }

        public bool Waits { get; init; }
    }
}
