using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>What the code above relies on in the MySQL client, whichever server it talks to.</summary>
public sealed class DatabaseClientTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private const int Statements = 60;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statements_that_wait_in_the_server_occupy_no_thread_of_the_pool()
    {
        await using var holder = await fixture.Platform.OpenAsync(Cancellation);
        Assert.Equal(1, await holder.ExecuteScalarAsync<int>("SELECT GET_LOCK('waiting', 0)"));
        var idle = ThreadPool.ThreadCount;

        var waiting = Enumerable.Range(0, Statements).Select(async _ =>
        {
            await using var connection = await fixture.Platform.OpenAsync(Cancellation);
            await connection.ExecuteAsync("DO GET_LOCK('waiting', 60); DO RELEASE_LOCK('waiting')");
        }).ToArray();
        await Until.TrueAsync(
            async () => await holder.ExecuteScalarAsync<int>(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO GET_LOCK(''waiting''%'") == Statements,
            "all of them wait in the server");

        Assert.True(ThreadPool.ThreadCount < idle + (Statements / 2), $"{ThreadPool.ThreadCount} threads, {idle} before");
        await holder.ExecuteAsync("DO RELEASE_LOCK('waiting')");
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Those_who_wait_for_a_connection_do_not_keep_the_threads_from_those_who_have_one()
    {
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
        await connection.ExecuteAsync("CREATE TEMPORARY TABLE kept (n INT) ENGINE=InnoDB");
        await using (var kept = await connection.BeginTransactionAsync(Cancellation))
        {
            await connection.ExecuteAsync("INSERT INTO kept VALUES (1)", transaction: kept);
            await kept.CommitAsync(Cancellation);
            Assert.Null(kept.Connection);
        }

        await using (var dropped = await connection.BeginTransactionAsync(Cancellation))
        {
            await connection.ExecuteAsync("INSERT INTO kept VALUES (2)", transaction: dropped);
        }

        Assert.Equal([1], await connection.QueryAsync<int>("SELECT n FROM kept"));
    }

    [Fact]
    public async Task A_command_that_does_not_name_the_open_transaction_is_part_of_it()
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync("CREATE TEMPORARY TABLE part (n INT) ENGINE=InnoDB");
        await using (await connection.BeginTransactionAsync(Cancellation))
        {
            await connection.ExecuteAsync("INSERT INTO part VALUES (1)");
        }

        Assert.Empty(await connection.QueryAsync<int>("SELECT n FROM part"));
    }

    [Fact]
    public async Task In_a_tenants_scope_a_server_tells_how_large_tables_are_and_not_how_large_they_were()
    {
        await using var scope = await fixture.Tenants.OpenAsync(await fixture.CreateTenantAsync(), Cancellation);

        var (_, value) = await scope.Connection.QuerySingleOrDefaultAsync<(string?, string?)>("SHOW VARIABLES LIKE 'information_schema_stats_expiry'");

        // MariaDB has no such memory.
        Assert.True(value is null or "0", value);
    }

    [Fact]
    public async Task A_session_that_changed_its_database_is_not_logged_in_anew_where_none_is_reset()
    {
        var login = fixture.Server.Login with { MaximumPoolSize = 1, ResetSessions = false };
        await using var source = DatabaseClient.CreateDataSource(login);
        await using (var first = await source.OpenConnectionAsync(Cancellation))
        {
            await first.ExecuteAsync("USE information_schema; CREATE TEMPORARY TABLE validonx_platform.same (n INT)");
        }

        // A login ends temporary tables.
        await using var second = await source.OpenConnectionAsync(Cancellation);
        Assert.Empty(await second.QueryAsync<int>("SELECT n FROM validonx_platform.same"));
    }

    [Fact]
    public async Task Where_sessions_are_reset_nothing_is_left_of_the_last_use()
    {
        var login = fixture.Server.Login with { MaximumPoolSize = 1 };
        await using var source = DatabaseClient.CreateDataSource(login);
        await using (var first = await source.OpenConnectionAsync(Cancellation))
        {
            await first.ExecuteAsync("SET SESSION innodb_lock_wait_timeout = 7; DO GET_LOCK('left', 0); START TRANSACTION");
        }

        await using var second = await source.OpenConnectionAsync(Cancellation);
        Assert.Equal((50, 1), await second.QuerySingleAsync<(int, int)>("SELECT @@innodb_lock_wait_timeout, IS_FREE_LOCK('left')"));
    }

    [Fact]
    public async Task Ids_and_times_come_back_as_they_went()
    {
        var id = Guid.CreateVersion7();
        var at = new DateTimeOffset(2026, 7, 1, 1, 2, 3, TimeSpan.FromHours(2)).AddTicks(1234560);
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(
            """
            CREATE TEMPORARY TABLE travel (
              id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin, text_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
              bytes BINARY(16), at DATETIME(6), flag TINYINT(1));
            INSERT INTO travel VALUES (@id, @id, @bytes, @at, 1)
            """,
            new { id, bytes = id.ToByteArray(), at });

        var read = await connection.QuerySingleAsync<Travelled>("SELECT id, text_id, bytes, at, flag FROM travel");

        Assert.Equal((id, id, at.ToUniversalTime(), true), (read.Id, read.TextId, read.At, read.Flag));
        Assert.Equal(id.ToByteArray(), read.Bytes);
        Assert.Equal(TimeSpan.Zero, read.At.Offset);
        Assert.Equal(id.ToString(), await connection.ExecuteScalarAsync<string>("SELECT CONCAT(id) FROM travel WHERE id = @id AND at = @at", new { id, at }));
    }

    private sealed record Travelled(Guid Id, Guid TextId, byte[] Bytes, DateTimeOffset At, bool Flag);
}
