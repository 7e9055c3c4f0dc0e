using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>
/// The guarantee: whatever becomes of its user, a session lies in the pool without role, without transaction and with the server's own patience for locks, or not at all.
/// </summary>
public sealed class CleanSessionTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    /// <summary>Takes for ever, until it is ended. A sleep would not do: ending one is no failure.</summary>
    private const string Endless =
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT COUNT(*) AS endless FROM n a, n b, n c, n d";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_is_one_message_and_leaves_its_scope()
    {
        var tenant = await fixture.CreateTenantAsync();

        var read = await fixture.Tenants.ReadAsync(
            tenant,
            "SELECT COUNT(*) FROM settings; SELECT DATABASE()",
            new { },
            static async rows => (await rows.ReadSingleAsync<int>(), await rows.ReadSingleAsync<string>()),
            Cancellation);

        Assert.Equal((0, tenant.Database.Value), read);
        await AssertPoolIsCleanAsync(tenant);
    }

    [Theory]
    [InlineData("SELECT nonsense")]
    [InlineData("SELECT 1; SELECT nonsense")]
    [InlineData("SELECT * FROM mysql.user")]
    public async Task A_read_that_fails_leaves_its_scope(string sql)
    {
        var tenant = await fixture.CreateTenantAsync();

        await Assert.ThrowsAnyAsync<DbException>(() => ReadNumberAsync(tenant, sql, Cancellation));

        await AssertPoolIsCleanAsync(tenant);
    }

    [Fact]
    public async Task A_read_that_leaves_a_result_unread_is_refused_and_leaves_its_scope()
    {
        var tenant = await fixture.CreateTenantAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadNumberAsync(tenant, "SELECT 1; SELECT 2", Cancellation));

        await AssertPoolIsCleanAsync(tenant);
    }

    [Fact]
    public async Task A_read_that_is_canceled_leaves_its_scope()
    {
        var tenant = await fixture.CreateTenantAsync();
        await CanceledInTheServerAsync(token => ReadNumberAsync(tenant, Endless, token));

        await AssertPoolIsCleanAsync(tenant);
    }

    /// <summary>Cancels a scope with a transaction after so many milliseconds, hence at each of its steps.</summary>
    [Fact]
    public async Task A_scope_that_is_canceled_at_any_step_leaves_a_clean_session()
    {
        var tenant = await fixture.CreateTenantAsync();
        for (var i = 0; i < 60; i++)
        {
            using var impatient = new CancellationTokenSource(TimeSpan.FromMicroseconds(i * 100));
            try
            {
                await using var scope = await fixture.Tenants.OpenAsync(tenant, impatient.Token);
                await scope.TransactAsync(
                    async (transaction, token) =>
                    {
                        await SetAsync(transaction, $"step-{Guid.NewGuid()}", token);
                        return await transaction.Connection!.ExecuteScalarAsync<int>(new CommandDefinition("SELECT SLEEP(0.002)", cancellationToken: token));
                    },
                    impatient.Token);
            }
            catch (OperationCanceledException)
            {
                // That, and nothing else.
            }
        }

        await AssertPoolIsCleanAsync(tenant);
    }

    [Fact]
    public async Task A_transaction_that_is_canceled_lets_its_locks_go_before_its_scope_ends()
    {
        var tenant = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);

        await CanceledInTheServerAsync(async token => await scope.TransactAsync(
            async (transaction, inner) =>
            {
                await SetAsync(transaction, "locked", inner);
                return await transaction.Connection!.ExecuteAsync(new CommandDefinition(Endless, cancellationToken: inner));
            },
            token));

        await using var other = await fixture.Tenants.OpenAsync(tenant, Cancellation);
        await other.Connection.ExecuteAsync("SET SESSION innodb_lock_wait_timeout = 1");
        Assert.Equal(1, await SetAsync(other.Connection, "locked", Cancellation));
        await other.Connection.ExecuteAsync("SET SESSION innodb_lock_wait_timeout = DEFAULT");
    }

    [Fact]
    public async Task A_transaction_whose_work_throws_anything_is_rolled_back_at_once()
    {
        var tenant = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);

        await Assert.ThrowsAsync<FormatException>(() => scope.TransactAsync<int>(
            async (transaction, token) =>
            {
                await SetAsync(transaction, "thrown", token);
                throw new FormatException();
            },
            Cancellation));

        Assert.Equal(0, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM settings WHERE name = 'thrown'"));
    }

    [Fact]
    public async Task A_commit_is_not_taken_back_by_a_caller_who_hangs_up()
    {
        var tenant = await fixture.CreateTenantAsync();
        using var hangsUp = new CancellationTokenSource();
        await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);

        await scope.TransactAsync(
            async (transaction, token) =>
            {
                await SetAsync(transaction, "kept", token);
                await hangsUp.CancelAsync();
                return 0;
            },
            hangsUp.Token);

        Assert.Equal(1, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM settings WHERE name = 'kept'"));
    }

    [Fact]
    public async Task A_session_that_the_server_ends_does_not_go_back_and_its_user_learns_that_the_database_is_away()
    {
        var tenant = await fixture.CreateTenantAsync();
        var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);
        var session = await scope.Connection.ExecuteScalarAsync<long>("SELECT CONNECTION_ID()");
        await KillAsync(session);

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => scope.TransactAsync((transaction, token) => SetAsync(transaction, "dead", token), Cancellation));
        Assert.True(DatabaseError.IsUnavailable(failure), $"{failure}");
        await scope.DisposeAsync();

        await AssertPoolIsCleanAsync(tenant);
    }

    [Fact]
    public async Task A_session_that_died_in_the_pool_is_not_noticed_by_the_next_user()
    {
        var tenant = await fixture.CreateTenantAsync();
        for (var i = 0; i < 3; i++)
        {
            foreach (var session in await IdleSessionsAsync()) await KillAsync(session);
            await using (await fixture.Tenants.OpenAsync(tenant, Cancellation))
            {
                // It opens: that is all.
            }

            foreach (var session in await IdleSessionsAsync()) await KillAsync(session);
            Assert.Equal(1, await ReadNumberAsync(tenant, "SELECT 1", Cancellation));
            await using var platform = await fixture.Platform.OpenAsync(Cancellation);
            Assert.Equal(1, await platform.ExecuteScalarAsync<int>("SELECT 1"));
        }
    }

    [Fact]
    public async Task A_server_that_was_killed_in_the_middle_serves_again_as_soon_as_it_is_back()
    {
        await using var own = new PlatformFixture();
        await own.InitializeAsync();
        var tenant = await own.CreateTenantAsync();
        var scopes = new List<TenantScope>();
        for (var i = 0; i < 8; i++) scopes.Add(await own.Tenants.OpenAsync(tenant, Cancellation));
        foreach (var scope in scopes.Skip(4)) await scope.DisposeAsync();

        await own.Server.KillAsync();
        foreach (var scope in scopes.Take(4))
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => scope.TransactAsync((transaction, token) => SetAsync(transaction, "x", token), Cancellation));
            Assert.True(DatabaseError.IsUnavailable(failure), $"{failure}");
            await scope.DisposeAsync();
        }

        var away = await Assert.ThrowsAnyAsync<Exception>(() => own.Tenants.OpenAsync(tenant, Cancellation));
        Assert.True(DatabaseError.IsUnavailable(away), $"{away}");

        await own.Server.StartAsync();
        await using var again = await own.Tenants.OpenAsync(tenant, Cancellation);
        Assert.Equal(1, await SetAsync(again.Connection, "back", Cancellation));
        await using var platform = await own.Platform.OpenAsync(Cancellation);
        Assert.Equal(1, await platform.ExecuteScalarAsync<int>("SELECT 1"));
    }

    [Fact]
    public async Task A_workers_writes_that_are_canceled_leave_neither_locks_nor_their_patience()
    {
        await fixture.Platform.TransactAsync(
            (transaction, token) => JobQueue.EnqueueAsync(transaction, Guid.CreateVersion7(), "clean", "{}", 3, token), Cancellation);
        var job = await new JobQueue(fixture.Platform, Options.Create(new JobOptions())).ClaimAsync("holder", Cancellation);
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);

        await CanceledInTheServerAsync(token => new LeasedWrites(job!.Id, "holder", TimeSpan.FromSeconds(10))
            .Add(FormattableStringFactory.Create(Endless))
            .ExecuteAsync(connection, token));

        Assert.Equal(
            "50 0",
            await connection.ExecuteScalarAsync<string>(
                "SELECT CONCAT(@@innodb_lock_wait_timeout, ' ', (SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()))"));
        await new LeasedWrites(job!.Id, "holder", TimeSpan.FromSeconds(10)).Add(JobEnding.Succeeded(job)).ExecuteAsync(connection, Cancellation);
        Assert.Equal(50, await connection.ExecuteScalarAsync<int>("SELECT @@innodb_lock_wait_timeout"));
    }

    private async Task AssertPoolIsCleanAsync(TenantPlacement tenant)
    {
        await using var observer = await fixture.Platform.OpenAsync(Cancellation);
        var idle = await IdleSessionsAsync();
        Assert.Empty(await observer.QueryAsync<long>(
            "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id IN @idle", new { idle = idle.DefaultIfEmpty(0) }));

        // Each idle session once, since they are held until all have been looked at.
        var taken = new List<DbConnection>();
        for (var i = 0; i < idle.Count + 1; i++)
        {
            taken.Add(await fixture.OpenFromTenantPoolAsync());
            Assert.Equal("NONE 50", await taken[^1].ExecuteScalarAsync<string>("SELECT CONCAT(COALESCE(NULLIF(CURRENT_ROLE(), ''), 'NONE'), ' ', @@innodb_lock_wait_timeout)"));
            var denied = await Assert.ThrowsAnyAsync<DbException>(() => taken[^1].ExecuteAsync($"SELECT * FROM {tenant.Database.Value}.settings"));
            Assert.True(DatabaseError.IsAccessDenied(denied), denied.Message);
        }

        foreach (var connection in taken) await connection.DisposeAsync();
    }

    private async Task<IReadOnlyList<long>> IdleSessionsAsync()
    {
        await using var observer = await fixture.Platform.OpenAsync(Cancellation);
        return (await observer.QueryAsync<long>(
            "SELECT id FROM information_schema.processlist WHERE user = @Name AND command = 'Sleep'", new { Name = DatabaseAccount.Tenants })).AsList();
    }

    private async Task KillAsync(long session)
    {
        await using var killer = await fixture.Platform.OpenAsync(Cancellation);
        await killer.ExecuteAsync($"KILL {session}");
        await Until.TrueAsync(async () =>
            await killer.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM information_schema.processlist WHERE id = @session", new { session }) == 0);
    }

    /// <summary>Begins, waits until the server is at the statement, cancels, and expects that to be what the user learns.</summary>
    private async Task CanceledInTheServerAsync(Func<CancellationToken, Task> work)
    {
        await using var observer = await fixture.Platform.OpenAsync(Cancellation);
        using var impatient = new CancellationTokenSource();
        var working = work(impatient.Token);
        await Until.TrueAsync(async () =>
            working.IsCompleted || await observer.ExecuteScalarAsync<int>(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND info LIKE '%endless%'") > 0);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => working);
    }

    private Task<int> ReadNumberAsync(TenantPlacement tenant, string sql, CancellationToken cancellationToken) =>
        fixture.Tenants.ReadAsync(tenant, sql, new { }, static rows => rows.ReadSingleAsync<int>(), cancellationToken);

    private static Task<int> SetAsync(DbTransaction transaction, string name, CancellationToken cancellationToken) =>
        SetAsync(transaction.Connection!, name, cancellationToken);

    private static Task<int> SetAsync(DbConnection connection, string name, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO settings (name, value, updated_at) VALUES (@name, '1', UTC_TIMESTAMP(6))", new { name }, cancellationToken: cancellationToken));
}
