using System.Data.Common;
using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Jobs;
using ValidonX.Tests.Platform.Databases;

namespace ValidonX.Tests.Platform.Jobs;

/// <summary>The guarantee: a worker without the lease writes nothing, and a worker never leaves locks behind.</summary>
public sealed class LeasedWritesTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_holder_of_the_lease_writes_all_statements_and_renews_the_lease()
    {
        var job = await ClaimAsync();
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync("UPDATE jobs SET due_at = UTC_TIMESTAMP(6) WHERE id = @Id", new { job.Id });

        await new LeasedWrites(job.Id, "holder", Lease).Add(Turn(job)).Add(JobEnding.Succeeded(job)).ExecuteAsync(connection, Cancellation);

        Assert.Equal(1, await TurnsAsync(job));
        Assert.Equal("succeeded", await connection.ExecuteScalarAsync<string>("SELECT status FROM jobs WHERE id = @Id", new { job.Id }));
    }

    [Theory]
    [InlineData("UPDATE jobs SET lease_owner = 'other' WHERE id = @Id")]
    [InlineData("UPDATE jobs SET status = 'succeeded' WHERE id = @Id")]
    [InlineData("UPDATE jobs SET status = 'pending', lease_owner = NULL WHERE id = @Id")]
    [InlineData("DELETE FROM jobs WHERE id = @Id")]
    public async Task Whoever_has_lost_the_lease_writes_nothing_and_learns_it_at_once(string loss)
    {
        var job = await ClaimAsync();
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(loss, new { job.Id });

        var patience = Stopwatch.StartNew();
        await Assert.ThrowsAsync<LeaseLostException>(
            () => new LeasedWrites(job.Id, "holder", Lease).Add(Turn(job)).ExecuteAsync(connection, Cancellation));

        Assert.True(patience.Elapsed < TimeSpan.FromSeconds(5), $"It took {patience.Elapsed}.");
        Assert.Equal(0, await TurnsAsync(job));
    }

    [Fact]
    public async Task A_refused_statement_undoes_those_before_it_and_leaves_the_connection_usable()
    {
        var job = await ClaimAsync();
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);

        await Assert.ThrowsAnyAsync<DbException>(() => new LeasedWrites(job.Id, "holder", Lease)
            .Add(Turn(job))
            .Add($"INSERT INTO plans (code, name, position) VALUES ({"starter"}, {"twice"}, 1)")
            .ExecuteAsync(connection, Cancellation));

        Assert.Equal(0, await TurnsAsync(job));
        await new LeasedWrites(job.Id, "holder", Lease).Add(Turn(job)).ExecuteAsync(connection, Cancellation);
        Assert.Equal(1, await TurnsAsync(job));
    }

    [Fact]
    public async Task What_is_interpolated_is_a_parameter_and_never_SQL()
    {
        var job = await ClaimAsync();
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);

        await new LeasedWrites(job.Id, "holder", Lease).Add(JobEnding.Failed(job, "'; DROP TABLE jobs; -- {0} @p0")).ExecuteAsync(connection, Cancellation);

        Assert.Equal("'; DROP TABLE jobs; -- {0} @p0", await connection.ExecuteScalarAsync<string>("SELECT error FROM jobs WHERE id = @Id", new { job.Id }));
    }

    private static FormattableString Turn(Job job) =>
        $"UPDATE job_queues SET last_served_at = {DateTimeOffset.UnixEpoch} WHERE tenant_id = {job.TenantId}";

    private async Task<int> TurnsAsync(Job job)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<int>(
            "SELECT COUNT(*) FROM job_queues WHERE tenant_id = @TenantId AND last_served_at = '1970-01-01'", new { job.TenantId });
    }

    private async Task<Job> ClaimAsync()
    {
        await fixture.Platform.TransactAsync(
            (transaction, token) => JobQueue.EnqueueAsync(transaction, Guid.CreateVersion7(), "test", "{}", 3, token), Cancellation);
        return await new JobQueue(fixture.Platform, Options.Create(new JobOptions())).ClaimAsync("holder", Cancellation)
            ?? throw new InvalidOperationException("There is no job.");
    }
}
