using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Databases.Unblocked;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>The guarantee: however many statements wait for a database, the pool's threads do not.</summary>
public sealed class UnblockedTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private const int Statements = 60;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statements_that_wait_in_the_server_occupy_no_thread_of_the_pool()
    {
        await using var holder = await fixture.Platform.OpenAsync(Cancellation);
        Assert.Equal(1, await holder.ExecuteScalarAsync<int>("SELECT GET_LOCK('unblocked', 0)"));
        var idle = ThreadPool.ThreadCount;

        var waiting = Enumerable.Range(0, Statements).Select(async _ =>
        {
            await using var connection = await fixture.Platform.OpenAsync(Cancellation);
            await connection.ExecuteAsync("DO GET_LOCK('unblocked', 60); DO RELEASE_LOCK('unblocked')");
        }).ToArray();
        await Until.TrueAsync(
            async () => await holder.ExecuteScalarAsync<int>(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO GET_LOCK(''unblocked''%'") == Statements,
            "all of them wait in the server");

        Assert.True(ThreadPool.ThreadCount < idle + (Statements / 2), $"{ThreadPool.ThreadCount} threads, {idle} before");
        await holder.ExecuteAsync("DO RELEASE_LOCK('unblocked')");
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Those_who_wait_for_a_connection_do_not_keep_the_threads_from_those_who_have_one()
    {
        // More than there are threads, through few connections: waiting on a thread, they would leave none to the few.
        var login = fixture.Server.Login with { MaximumPoolSize = 2, ConnectTimeout = TimeSpan.FromSeconds(60) };
        await using var source = DatabaseClient.CreateDataSource(login);
        var working = new List<Task>();
        for (var i = 0; i < 1_000; i++)
        {
            working.Add(WorkAsync());
        }

        await Task.WhenAll(working).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        async Task WorkAsync()
        {
            await using var connection = await source.OpenConnectionAsync(Cancellation);
            await connection.ExecuteAsync("DO 1");
            await connection.ExecuteAsync("DO 2");
        }
    }

    [Fact]
    public async Task Waiting_for_a_connection_in_vain_ends_with_a_time_out_or_with_the_caller()
    {
        var login = fixture.Server.Login with { MaximumPoolSize = 1, ConnectTimeout = TimeSpan.FromSeconds(1) };
        await using var source = DatabaseClient.CreateDataSource(login);
        await using (await source.OpenConnectionAsync(Cancellation))
        {
            using var impatient = new CancellationTokenSource();
            var waiting = source.OpenConnectionAsync(impatient.Token).AsTask();
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

            var failure = await Assert.ThrowsAnyAsync<Exception>(() => source.OpenConnectionAsync(Cancellation).AsTask());
            Assert.True(DatabaseError.IsUnavailable(failure), $"{failure}");
        }

        await using var connection = await source.OpenConnectionAsync(Cancellation);
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT 1"));
    }

    [Fact]
    public async Task A_connection_that_failed_to_open_leaves_its_place_to_the_next()
    {
        var login = fixture.Server.Login with { MaximumPoolSize = 1, Password = "wrong" };
        await using var source = DatabaseClient.CreateDataSource(login);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<DbException>(() => source.OpenConnectionAsync(Cancellation).AsTask());
        }
    }

    [Fact]
    public async Task A_failure_is_the_clients_own()
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);

        await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync("SELECT nonsense"));
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT 1"));
    }

    [Fact]
    public async Task A_transaction_that_is_not_committed_leaves_nothing()
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync("CREATE TEMPORARY TABLE unblocked (n INT) ENGINE=InnoDB");
        await using (var kept = await connection.BeginTransactionAsync(Cancellation))
        {
            await connection.ExecuteAsync("INSERT INTO unblocked VALUES (1)", transaction: kept);
            await kept.CommitAsync(Cancellation);
            Assert.Null(kept.Connection);
        }

        await using (var dropped = await connection.BeginTransactionAsync(Cancellation))
        {
            await connection.ExecuteAsync("INSERT INTO unblocked VALUES (2)", transaction: dropped);
        }

        Assert.Equal([1], await connection.QueryAsync<int>("SELECT n FROM unblocked"));
    }

    [Fact]
    public async Task Calls_beyond_the_last_thread_wait_for_one()
    {
        var threads = new BlockingThreads(most: 2);
        using var gate = new ManualResetEventSlim();
        var begun = 0;
        var calls = Enumerable.Range(0, 5).Select(_ => threads.RunAsync(
            () =>
            {
                Interlocked.Increment(ref begun);
                gate.Wait(Cancellation);
            },
            Cancellation)).ToArray();

        await Until.TrueAsync(() => Task.FromResult(Volatile.Read(ref begun) == 2), "both threads are taken");
        gate.Set();
        await Task.WhenAll(calls);
        Assert.Equal(5, begun);
    }

    [Fact]
    public async Task What_belongs_to_the_caller_goes_along_and_what_is_cancelled_before_does_not_begin()
    {
        var local = new AsyncLocal<string> { Value = "here" };

        Assert.Equal("here", await BlockingThreads.Shared.RunAsync(() => local.Value, Cancellation));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            BlockingThreads.Shared.RunAsync(() => Assert.Fail("It began."), new CancellationToken(canceled: true)));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            BlockingThreads.Shared.RunAsync(() => throw new InvalidOperationException(), Cancellation));
    }
}
