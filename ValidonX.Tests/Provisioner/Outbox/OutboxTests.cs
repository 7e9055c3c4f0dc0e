using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Outbox;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Schema;
using ValidonX.Provisioner.Outbox;

namespace ValidonX.Tests.Provisioner.Outbox;

/// <summary>What happens in a tenant's database is in the platform's audit log once, in order, whoever dies on the way.</summary>
public sealed class OutboxTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private const int NoSuchSession = 1094;

    private static readonly (string, string) NoLooks = ("Provisioner:Outbox:Look", "1.00:00:00");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_that_were_hinted_at_arrive_in_order_with_all_they_say()
    {
        var tenant = await TenantAsync();
        using var worker = await fixture.StartWorkerHereAsync(more: NoLooks);
        var ids = await HappenAsync(tenant, 3);

        await HintAsync(tenant);

        await UntilArrivedAsync(tenant, 3);
        Assert.Equal(
            ids.Select((id, i) => $"{id}|user|someone|happened.{i}|license|{tenant.TenantId}|request-{i}|{{\"number\":{i}}}"),
            await fixture.RowsAsync(
                """
                SELECT id, actor_type, actor_id, action, subject_type, subject_id, request_id, details FROM audit_logs
                WHERE tenant_id = @TenantId AND action LIKE 'happened.%' ORDER BY created_at, id
                """,
                new { tenant.TenantId }));
        await Until.TrueAsync(async () => await fixture.QueryAsync<long>("SELECT COUNT(*) FROM outbox_tenants WHERE tenant_id = @TenantId AND waiting_since IS NULL", new { tenant.TenantId }) == 1);
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Events_whose_hint_was_lost_are_found_by_the_next_look()
    {
        var tenant = await TenantAsync();
        await HappenAsync(tenant, 2);

        using var worker = await fixture.StartWorkerHereAsync(more: ("Provisioner:Outbox:Look", "00:00:01"));

        await UntilArrivedAsync(tenant, 2);
        await HappenAsync(tenant, 2);
        await UntilArrivedAsync(tenant, 4);
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_drainer_killed_after_it_has_written_and_before_it_has_taken_out_leaves_nothing_twice()
    {
        var tenant = await TenantAsync();
        await HappenAsync(tenant, 5);
        await using (var held = await fixture.Databases.Tenants.OpenAsync(tenant, Cancellation))
        {
            await held.Connection.ExecuteAsync("START TRANSACTION; SELECT position FROM outbox FOR UPDATE");
            await using (WorkerProcess.Start(fixture.Configuration(("Provisioner:Outbox:Look", "00:00:01"))))
            {
                await UntilAuditedAsync(tenant, 5);
            }

            await EndWaitingSessionsAsync(tenant);
            await held.Connection.ExecuteAsync("ROLLBACK");
            Assert.Equal(5, await held.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM outbox"));
        }

        using var next = await fixture.StartWorkerHereAsync(more: ("Provisioner:Outbox:Look", "00:00:01"));
        await UntilArrivedAsync(tenant, 5);
        await next.StopAsync(Cancellation);
    }

    /// <summary>
    /// Ends what waits for a lock in the tenant's database. MySQL does not notice that its client has died, and would do what the client had sent before.
    /// </summary>
    private Task EndWaitingSessionsAsync(TenantPlacement tenant) => Until.TrueAsync(
        async () =>
        {
            await using var observer = await fixture.Databases.Platform.OpenAsync(Cancellation);
            var waiting = (await observer.QueryAsync<long>(
                "SELECT id FROM information_schema.processlist WHERE db = @Value AND command <> 'Sleep'", new { tenant.Database.Value })).AsList();
            foreach (var session in waiting)
            {
                try
                {
                    await observer.ExecuteAsync($"KILL {session}");
                }
                catch (DbException gone) when (DatabaseClient.ErrorNumber(gone) == NoSuchSession)
                {
                    // MariaDB has noticed.
                }
            }

            return waiting.Count == 0;
        },
        "nothing waits for the outbox any more");

    [Fact]
    public async Task Several_who_drain_the_same_tenants_at_once_write_each_event_once()
    {
        var tenants = new List<TenantPlacement>();
        for (var i = 0; i < 3; i++)
        {
            tenants.Add(await TenantAsync());
            await HappenAsync(tenants[i], 50);
        }

        using var worker = await fixture.StartWorkerHereAsync(more: NoLooks);
        var drain = worker.Services.GetRequiredService<TenantDrain>();
        await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => tenants).Select(tenant => drain.DrainAsync(tenant, Cancellation)));

        foreach (var tenant in tenants)
        {
            await UntilArrivedAsync(tenant, 50);
        }

        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_keeps_its_own_tenants_waiting_and_no_other()
    {
        // Takes connections and says nothing, the slowest way to be dead.
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await fixture.ExecuteAsync(
            """
            INSERT INTO database_servers (name, host, port, region, class, capacity, accepts_tenants, created_at, updated_at)
            VALUES ('silent', '127.0.0.1', @Port, 'elsewhere', 'shared', 100, 0, NOW(), NOW())
            """,
            new { ((IPEndPoint)silent.LocalEndpoint).Port });
        for (var i = 0; i < 40; i++)
        {
            var dead = new TenantPlacement(Guid.CreateVersion7(), "silent", DatabaseName.Parse(string.Create(CultureInfo.InvariantCulture, $"vx_tenant_silent_{i:0000}")));
            await EnterAsync(dead);
            await HintAsync(dead);
        }

        var alive = await TenantAsync();
        await HappenAsync(alive, 1);
        var worker = await fixture.StartWorkerHereAsync(more: NoLooks);
        await HintAsync(alive);

        await UntilArrivedAsync(alive, 1);
        var (waiting, seconds) = await worker.Services.GetRequiredService<OutboxSchedule>().BacklogAsync(Cancellation);
        Assert.InRange(waiting, 40, 60);
        Assert.InRange(seconds, 0.001, 3_600);
        silent.Stop();
        await worker.StopAsync(Cancellation);
        worker.Dispose();
        await fixture.ExecuteAsync("DELETE FROM outbox_tenants WHERE server_name = 'silent'; DELETE FROM tenants WHERE server_name = 'silent'");
    }

    [Fact]
    public async Task A_tenant_with_more_than_fits_goes_behind_those_who_wait()
    {
        using var host = ProvisionerHost.Build(fixture.Configuration());
        var (schedule, drain) = (host.Services.GetRequiredService<OutboxSchedule>(), host.Services.GetRequiredService<TenantDrain>());
        var (big, small) = (await TenantAsync(), await TenantAsync());
        await HappenAsync(big, TenantDrain.MostEvents + 1);
        await HappenAsync(small, 1);
        await HintAsync(big);
        await HintAsync(small);
        Assert.Equal([big.TenantId, small.TenantId], await DueAsync());

        var first = (await schedule.FindDueAsync("one", 100, Cancellation)).Single(due => due.Placement == big);
        Assert.True(await schedule.ClaimAsync(first, Cancellation));
        Assert.False(await schedule.ClaimAsync(first, Cancellation));
        Assert.True(await drain.DrainAsync(big, Cancellation));
        await schedule.PutBackAsync(first, TimeSpan.Zero, Cancellation);

        Assert.Equal([small.TenantId, big.TenantId], await DueAsync());
        Assert.False(await drain.DrainAsync(big, Cancellation));
        Assert.False(await drain.DrainAsync(small, Cancellation));

        async Task<IEnumerable<Guid>> DueAsync() =>
            (await schedule.FindDueAsync("one", 100, Cancellation)).Select(due => due.Placement.TenantId).Where(id => id == big.TenantId || id == small.TenantId);
    }

    [Fact]
    public async Task A_hint_given_while_the_tenant_is_drained_is_followed_afterwards()
    {
        using var host = ProvisionerHost.Build(fixture.Configuration());
        var schedule = host.Services.GetRequiredService<OutboxSchedule>();
        var tenant = await TenantAsync();
        await HintAsync(tenant);
        var due = (await schedule.FindDueAsync("one", 100, Cancellation)).Single(one => one.Placement == tenant);
        await schedule.ClaimAsync(due, Cancellation);
        Assert.DoesNotContain(await schedule.FindDueAsync("one", 100, Cancellation), one => one.Placement == tenant);

        await HintAsync(tenant);
        await schedule.FinishAsync(due, TimeSpan.FromHours(1), Cancellation);

        Assert.Contains(await schedule.FindDueAsync("one", 100, Cancellation), one => one.Placement == tenant);
    }

    private async Task<TenantPlacement> TenantAsync()
    {
        var placement = await fixture.Databases.CreateTenantAsync();
        await EnterAsync(placement);
        return placement;
    }

    private Task EnterAsync(TenantPlacement placement) => fixture.ExecuteAsync(
        """
        INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, schema_version, created_at, updated_at)
        VALUES (@TenantId, 'Acme', @slug, 'active', 'starter', 'local', @ServerName, @database, @TenantVersion, NOW(), NOW())
        """,
        new { placement.TenantId, slug = $"tenant-{placement.TenantId:N}", placement.ServerName, database = placement.Database.Value, SchemaScript.TenantVersion });

    /// <summary>Lets something happen in the tenant's database; the events' ids.</summary>
    private async Task<IReadOnlyList<Guid>> HappenAsync(TenantPlacement tenant, int events)
    {
        var outbox = new TenantOutbox(TimeProvider.System);
        var ids = new List<Guid>();
        await using var scope = await fixture.Databases.Tenants.OpenAsync(tenant, Cancellation);
        return await scope.TransactAsync(
            async (transaction, token) =>
            {
                for (var i = 0; i < events; i++)
                {
                    ids.Add(Guid.CreateVersion7());
                    await outbox.WriteAsync(
                        transaction,
                        new AuditEvent(string.Create(CultureInfo.InvariantCulture, $"happened.{i}"), tenant.TenantId)
                        {
                            Id = ids[i],
                            ActorType = "user",
                            ActorId = "someone",
                            RequestId = string.Create(CultureInfo.InvariantCulture, $"request-{i}"),
                            Details = string.Create(CultureInfo.InvariantCulture, $$"""{"number":{{i}}}"""),
                        }.About("license", tenant.TenantId),
                        token);
                }

                return ids;
            },
            Cancellation);
    }

    /// <summary>As the licensing API does after the commit.</summary>
    private async Task HintAsync(TenantPlacement tenant)
    {
        using var redis = fixture.Redis.Connect();
        using var hints = new OutboxHints(
            fixture.Databases.Platform, new RedisWakeup(redis, NullLogger<RedisWakeup>.Instance), TimeProvider.System, NullLogger<OutboxHints>.Instance);
        hints.Note(tenant);
        await hints.StartAsync(Cancellation);
        await hints.StopAsync(Cancellation);
    }

    private Task UntilAuditedAsync(TenantPlacement tenant, int events) => Until.TrueAsync(
        async () => await fixture.QueryAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @TenantId AND action LIKE 'happened.%'", new { tenant.TenantId }) == events,
        "the events are in the audit log");

    private async Task UntilArrivedAsync(TenantPlacement tenant, int events)
    {
        await UntilAuditedAsync(tenant, events);
        await Until.TrueAsync(async () => (await fixture.TenantRowsAsync(tenant.TenantId, "SELECT type FROM outbox")).Any() is false, "the outbox is empty");
        await UntilAuditedAsync(tenant, events);
    }
}
