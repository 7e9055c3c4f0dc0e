using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ValidonX.Platform.Alerts;
using ValidonX.Platform.Rollups;
using ValidonX.Provisioner.Alerts;
using ValidonX.Provisioner.Upkeep;
using ValidonX.Tests.Provisioner.Webhooks;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Provisioner.Alerts;

/// <summary>The guarantee: what is wrong with a tenant is an alert at the next look, one however often and by how many it is looked at, and its neighbors have none.</summary>
public sealed class AlertRoundTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>, IAsyncDisposable
{
    private static int _days;

    // A day of its own for each test: what others count and open lies in another one.
    private readonly MovableClock _clock = new(new DateTimeOffset(2030, 1, 1, 10, 30, 0, TimeSpan.Zero).AddDays(Interlocked.Increment(ref _days)));
    private readonly CapturedLog _log = new();
    private readonly ConnectionMultiplexer _redis = fixture.Redis.Connect();
    private readonly string _mailTo = $"operators-{Guid.NewGuid():N}@validonx.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _log.Dispose();
    }

    [Theory]
    [InlineData(AlertKinds.NoisyNeighbor, 3_000, 0, 1, 0)]
    [InlineData(AlertKinds.ErrorRate, 40, 4, 1, 0)]
    [InlineData(AlertKinds.LatencyP95, 40, 0, 5_000, 0)]
    [InlineData(AlertKinds.QueueAge, 1, 0, 1, 400)]
    public async Task What_is_measured_is_one_alert_while_it_lasts_and_closed_when_it_has_been_over_for_a_while(string kind, int requests, int errors, int milliseconds, long queueAge)
    {
        var (tenant, neighbor) = (await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture));
        using var host = Host();
        await CountAsync(neighbor, requests: 30, errors: 1);
        await CountAsync(neighbor, requests: 30);
        await CountAsync(tenant, requests, errors, milliseconds, queueAge);
        await LookAsync(host);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromSeconds(45);
        await LookAsync(host);

        Assert.Equal([$"{kind}|open"], await AlertsAsync(tenant));
        Assert.Equal(1, await MailsAsync());

        // Over, back before it has been over for long, and over again.
        _clock.Now += TimeSpan.FromMinutes(3);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(4);
        await CountAsync(tenant, requests, errors, milliseconds, queueAge);
        await CountAsync(neighbor, requests: 30);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(3);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(4);
        await LookAsync(host);
        Assert.Equal([$"{kind}|open"], await AlertsAsync(tenant));

        _clock.Now += TimeSpan.FromMinutes(1);
        await LookAsync(host);
        Assert.Equal([$"{kind}|closed"], await AlertsAsync(tenant));
        Assert.Equal(["alert.closed", "alert.opened"], await RecordedAsync(tenant));
        Assert.Equal(1, await MailsAsync());
        Assert.Empty(await AlertsAsync(neighbor));

        // It comes again: another one.
        await CountAsync(tenant, requests, errors, milliseconds, queueAge);
        await CountAsync(neighbor, requests: 30);
        await LookAsync(host);
        Assert.Equal([$"{kind}|closed", $"{kind}|open"], await AlertsAsync(tenant));
        Assert.Equal(2, await MailsAsync());
    }

    [Fact]
    public async Task On_a_quiet_platform_and_with_few_requests_nobody_is_noisy_slow_or_failing()
    {
        var (tenant, neighbor) = (await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture));
        using var host = Host();
        await CountAsync(tenant, requests: 900);
        await CountAsync(neighbor, requests: 19, errors: 19, milliseconds: 60_000);

        await LookAsync(host);

        Assert.Empty(await AlertsAsync(tenant));
        Assert.Empty(await AlertsAsync(neighbor));
    }

    [Fact]
    public async Task Tenants_that_all_call_much_are_no_noisy_neighbors()
    {
        Guid[] tenants = [await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture)];
        using var host = Host();
        foreach (var tenant in tenants)
        {
            await CountAsync(tenant, requests: 5_000);
        }

        await CountAsync(tenants[2], requests: 4_000);
        await LookAsync(host);

        foreach (var tenant in tenants)
        {
            Assert.Empty(await AlertsAsync(tenant));
        }
    }

    [Fact]
    public async Task A_minute_before_the_hour_counts_after_it()
    {
        var tenant = await TestEndpoint.TenantAsync(fixture);
        using var host = Host();
        _clock.Now = new DateTimeOffset(_clock.Now.Date, TimeSpan.Zero).AddHours(11).AddSeconds(-5);
        await CountAsync(tenant, requests: 15, errors: 15);
        _clock.Now += TimeSpan.FromSeconds(10);
        await CountAsync(tenant, requests: 15, errors: 15);

        await LookAsync(host);

        Assert.Equal([$"{AlertKinds.ErrorRate}|open"], await AlertsAsync(tenant));
    }

    [Fact]
    public async Task A_months_calls_are_told_of_when_they_are_near_their_end_and_when_they_are_used_up_to_owners_too()
    {
        var tenant = await TestEndpoint.TenantAsync(fixture);
        await fixture.ExecuteAsync("INSERT INTO rate_limit_overrides (tenant_id, tenant_requests, updated_at) VALUES (@tenant, 1000, UTC_TIMESTAMP(6))", new { tenant });
        using var host = Host();
        await UseAsync(tenant, 799);
        await LookAsync(host);
        Assert.Empty(await AlertsAsync(tenant));

        await UseAsync(tenant, 800);
        await LookAsync(host);
        await LookAsync(host);
        Assert.Equal([$"{AlertKinds.QuotaNear}|open"], await AlertsAsync(tenant));

        await UseAsync(tenant, 1_000);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(6);
        await CountAsync(tenant, requests: 1);
        await LookAsync(host);
        Assert.Equal([$"{AlertKinds.QuotaNear}|closed", $"{AlertKinds.QuotaReached}|open"], await AlertsAsync(tenant));
        Assert.Equal(2, await MailsAsync());
        Assert.Equal(
            ["Alert: a month's calls are used up", "Alert: most of a month's calls are used up"],
            await fixture.RowsAsync("SELECT subject FROM outbox_mails WHERE recipient = @owner ORDER BY subject", new { owner = ProvisioningFixture.OwnerOf(tenant) }));

        // Another month.
        _clock.Now = _clock.Now.AddMonths(1);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(6);
        await LookAsync(host);
        Assert.Equal([$"{AlertKinds.QuotaNear}|closed", $"{AlertKinds.QuotaReached}|closed"], await AlertsAsync(tenant));
    }

    [Fact]
    public async Task A_failed_provisioning_is_an_alert_until_it_goes_on()
    {
        var tenant = await fixture.RequestTenantAsync();
        await fixture.ExecuteAsync("UPDATE provisioning_runs SET status = 'failed' WHERE tenant_id = @tenant; UPDATE jobs SET status = 'failed', due_at = NULL WHERE tenant_id = @tenant", new { tenant });
        using var host = Host();
        await LookAsync(host);
        Assert.Equal([$"{AlertKinds.ProvisioningFailed}|open"], await AlertsAsync(tenant));

        await fixture.ExecuteAsync("UPDATE provisioning_runs SET status = 'pending' WHERE tenant_id = @tenant", new { tenant });
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(6);
        await LookAsync(host);

        Assert.Equal([$"{AlertKinds.ProvisioningFailed}|closed"], await AlertsAsync(tenant));
    }

    [Fact]
    public async Task Each_endpoint_that_was_disabled_for_its_failures_is_an_alert_of_its_own_and_one_that_its_tenant_disabled_is_none()
    {
        var one = await TestEndpoint.CreateAsync(fixture, "https://one.example/");
        var two = await TestEndpoint.CreateAsync(fixture, "https://two.example/", one.TenantId);
        var asked = await TestEndpoint.CreateAsync(fixture, "https://three.example/", one.TenantId);
        await fixture.ExecuteAsync(
            """
            UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'failing' WHERE id = @one;
            UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'gone' WHERE id = @two;
            UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'asked' WHERE id = @asked
            """,
            new { one = one.Id, two = two.Id, asked = asked.Id });
        using var host = Host();
        await LookAsync(host);
        await LookAsync(host);

        Assert.Equal(
            new[] { $"{one.Id}", $"{two.Id}" }.Order(StringComparer.Ordinal),
            await fixture.RowsAsync("SELECT subject FROM alerts WHERE tenant_id = @TenantId AND kind = 'webhook_disabled' ORDER BY subject", new { one.TenantId }));
    }

    [Fact]
    public async Task Two_provisioners_at_once_open_each_alert_once_and_tell_of_it_once()
    {
        var endpoints = new List<TestEndpoint>();
        for (var i = 0; i < 12; i++)
        {
            var endpoint = await TestEndpoint.CreateAsync(fixture, "https://receiver.example/");
            await CountAsync(endpoint.TenantId, requests: 100, errors: 50);
            endpoints.Add(endpoint);
        }

        using var one = Host();
        using var two = Host();
        await Task.WhenAll(LookAsync(one), LookAsync(two), LookAsync(one), LookAsync(two));

        foreach (var endpoint in endpoints)
        {
            Assert.Equal([$"{AlertKinds.ErrorRate}|open"], await AlertsAsync(endpoint.TenantId));
            Assert.Equal(["alert.opened"], await RecordedAsync(endpoint.TenantId));
            Assert.Equal(["alert.opened"], await fixture.RowsAsync("SELECT type FROM webhook_events WHERE tenant_id = @TenantId", new { endpoint.TenantId }));
        }

        Assert.Equal(endpoints.Count, await MailsAsync());
    }

    [Fact]
    public async Task Of_a_failure_that_meets_many_tenants_operators_are_mailed_a_few_times_and_all_are_in_the_list()
    {
        using var host = Host(("Alerts:MailsAnHour", "3"));
        var tenants = new List<Guid>();
        for (var i = 0; i < 6; i++)
        {
            tenants.Add(await TestEndpoint.TenantAsync(fixture));
            await CountAsync(tenants[^1], requests: 100, errors: 100);
        }

        await LookAsync(host);

        Assert.Equal(3, await MailsAsync());
        foreach (var tenant in tenants)
        {
            Assert.Equal([$"{AlertKinds.ErrorRate}|open"], await AlertsAsync(tenant));
        }
    }

    [Fact]
    public async Task A_tenants_threshold_goes_before_its_plans_and_that_before_the_configured_one()
    {
        var (tenant, ofPlan, other) = (await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture));
        var plan = $"p-{Guid.NewGuid():N}"[..20];
        await fixture.ExecuteAsync(
            """
            INSERT INTO plans (code, name, position, price_cents, is_public) VALUES (@plan, 'Patient', 9, 0, 0);
            UPDATE tenants SET plan_code = @plan WHERE id IN (@tenant, @ofPlan);
            INSERT INTO plan_alert_thresholds (plan_code, error_percent, updated_at) VALUES (@plan, 50, UTC_TIMESTAMP(6));
            INSERT INTO tenant_alert_thresholds (tenant_id, error_percent, updated_at) VALUES (@tenant, 70, UTC_TIMESTAMP(6))
            """,
            new { plan, tenant, ofPlan });
        using var host = Host();
        foreach (var one in (Guid[])[tenant, ofPlan, other])
        {
            await CountAsync(one, requests: 100, errors: 60);
        }

        await LookAsync(host);

        Assert.Empty(await AlertsAsync(tenant));
        Assert.Equal(["error_rate|60|50"], await MeasuredAsync(ofPlan));
        Assert.Equal(["error_rate|60|5"], await MeasuredAsync(other));
    }

    [Fact]
    public async Task Whoever_judges_tells_by_what_it_judges_where_nobody_else_says_anything()
    {
        using var host = Host(("Alerts:ErrorPercent", "7"), ("Alerts:QuotaPercent", "66"));
        await LookAsync(host);
        Assert.Equal(["7|66|2000"], await fixture.RowsAsync("SELECT error_percent, quota_percent, p95_ms FROM platform_alert_thresholds", new { }));

        using var another = Host(("Alerts:ErrorPercent", "9"));
        await LookAsync(another);
        Assert.Equal(["9|80|2000"], await fixture.RowsAsync("SELECT error_percent, quota_percent, p95_ms FROM platform_alert_thresholds", new { }));
    }

    [Fact]
    public async Task An_alert_that_was_closed_by_hand_stays_closed_while_it_lasts_and_opens_when_it_comes_back()
    {
        var tenant = await TestEndpoint.TenantAsync(fixture);
        using var host = Host();
        await CountAsync(tenant, requests: 100, errors: 60);
        await LookAsync(host);
        await fixture.ExecuteAsync("UPDATE alerts SET status = 'closed', closed_at = UTC_TIMESTAMP(6), closed_by = 'operator' WHERE tenant_id = @tenant", new { tenant });
        await LookAsync(host);
        Assert.Equal([$"{AlertKinds.ErrorRate}|closed"], await AlertsAsync(tenant));

        _clock.Now += TimeSpan.FromMinutes(3);
        await LookAsync(host);
        _clock.Now += TimeSpan.FromMinutes(5);
        await LookAsync(host);
        Assert.Equal(["alert.opened"], await RecordedAsync(tenant));
        await CountAsync(tenant, requests: 100, errors: 60);
        await LookAsync(host);

        Assert.Equal([$"{AlertKinds.ErrorRate}|closed", $"{AlertKinds.ErrorRate}|open"], await AlertsAsync(tenant));
    }

    [Fact]
    public async Task While_redis_is_away_what_was_measured_stays_and_what_has_failed_is_told()
    {
        await using var redis = new RedisServerProcess();
        await redis.InitializeAsync();
        var tenant = await TestEndpoint.TenantAsync(fixture);
        using var host = Host(("ConnectionStrings:redis", redis.ConnectionString));
        await using (var connection = redis.Connect())
        {
            await CountAsync(tenant, requests: 100, errors: 60, redis: connection);
        }

        await LookAsync(host);
        await redis.KillAsync();
        var failed = await fixture.RequestTenantAsync();
        await fixture.ExecuteAsync("UPDATE provisioning_runs SET status = 'failed' WHERE tenant_id = @failed; UPDATE jobs SET status = 'failed', due_at = NULL WHERE tenant_id = @failed", new { failed });
        _clock.Now += TimeSpan.FromMinutes(10);
        await RoundAsync(host);
        _clock.Now += TimeSpan.FromMinutes(10);
        await RoundAsync(host);

        Assert.Equal([$"{AlertKinds.ErrorRate}|open"], await AlertsAsync(tenant));
        Assert.Equal([$"{AlertKinds.ProvisioningFailed}|open"], await AlertsAsync(failed));
    }

    [Fact]
    public async Task A_closed_alert_is_kept_for_ninety_days_and_one_whose_condition_lasts_for_as_long_as_that()
    {
        var (over, lasting) = (await TestEndpoint.TenantAsync(fixture), await TestEndpoint.TenantAsync(fixture));
        foreach (var (tenant, held) in ((Guid, int?)[])[(over, null), (lasting, 1)])
        {
            await fixture.ExecuteAsync(
                """
                INSERT INTO alerts (id, tenant_id, kind, severity, status, is_held, measured, threshold, peak, opened_at, last_seen_at, closed_at)
                VALUES (UUID(), @tenant, 'error_rate', 'critical', 'closed', @held, 9, 5, 9, @now, @now, @now)
                """,
                new { tenant, held, now = _clock.Now });
        }

        using var host = Host();
        _clock.Now += TimeSpan.FromDays(89.9);
        await host.Services.GetRequiredService<ExpiredRows>().DeleteAsync(Cancellation);
        Assert.Single(await AlertsAsync(over));
        _clock.Now += TimeSpan.FromDays(0.2);
        await host.Services.GetRequiredService<ExpiredRows>().DeleteAsync(Cancellation);

        Assert.Empty(await AlertsAsync(over));
        Assert.Single(await AlertsAsync(lasting));
    }

    [Fact]
    public async Task Of_several_provisioners_one_looks_at_a_time_and_when_it_is_gone_another_one_does()
    {
        using var one = Host(("Alerts:Interval", "00:00:15"));
        using var two = Host(("Alerts:Interval", "00:00:15"));

        Assert.True(await DueAsync(one));
        Assert.False(await DueAsync(two));
        _clock.Now += TimeSpan.FromSeconds(7);
        Assert.False(await DueAsync(two));
        _clock.Now += TimeSpan.FromSeconds(8);
        Assert.True(await DueAsync(two));
        Assert.False(await DueAsync(one));

        // A clock that was ahead holds up nobody.
        await fixture.ExecuteAsync("UPDATE alert_rounds SET due_at = @later", new { later = _clock.Now.AddYears(1) });
        Assert.True(await DueAsync(one));
    }

    private IHost Host(params (string Key, string Value)[] more) => ProvisionerHost.Build(
        fixture.Configuration([("Alerts:MailTo", _mailTo), ("Alerts:MailsAnHour", "1000"), .. more]),
        also: services => services.AddSingleton<TimeProvider>(_clock).AddLogging(logging => logging.AddProvider(_log)));

    private static Task RoundAsync(IHost host) => host.Services.GetRequiredService<AlertRound>().RunAsync(Cancellation);

    private static Task<bool> DueAsync(IHost host) => host.Services.GetRequiredService<AlertRounds>().RunDueAsync(Cancellation);

    private async Task LookAsync(IHost host)
    {
        await RoundAsync(host);
        Assert.Empty(_log.Warnings);
    }

    /// <summary>What a process that has just started counts in this minute.</summary>
    private async Task CountAsync(Guid tenant, int requests, int errors = 0, int milliseconds = 1, long queueAge = 0, ConnectionMultiplexer? redis = null)
    {
        var use = new Use();
        for (var i = 0; i < requests; i++)
        {
            use.Count(i < errors ? 500 : 200, refusedBy: null, TimeSpan.FromMilliseconds(milliseconds));
        }

        use.Note(queueDepth: 1, queueAge);
        var (now, database) = (_clock.Now.UtcDateTime, (redis ?? _redis).GetDatabase());
        var hour = TenantTally.Hour(now);
        await database.HashSetAsync(RollupKeys.OfHour(tenant, hour), RollupKeys.Field(now, isRoutes: false, Guid.NewGuid().ToString("N")), use.ToString());
        await database.SetAddAsync(RollupKeys.TenantsOf(hour), tenant.ToString());
    }

    /// <summary>The month's calls come to this; the tenant has just called.</summary>
    private async Task UseAsync(Guid tenant, long calls)
    {
        await fixture.ExecuteAsync(
            "REPLACE INTO api_call_months (tenant_id, month, writer, used, updated_at) VALUES (@tenant, @month, 'one', @calls, UTC_TIMESTAMP(6))",
            new { tenant, calls, month = _clock.Now.ToString("yyyy-MM-01", System.Globalization.CultureInfo.InvariantCulture) });
        await CountAsync(tenant, requests: 1);
    }

    private Task<IEnumerable<string>> AlertsAsync(Guid tenant) => fixture.RowsAsync("SELECT kind, status FROM alerts WHERE tenant_id = @tenant ORDER BY opened_at, kind", new { tenant });

    private Task<IEnumerable<string>> MeasuredAsync(Guid tenant) =>
        fixture.RowsAsync("SELECT kind, measured, threshold FROM alerts WHERE tenant_id = @tenant ORDER BY opened_at, kind", new { tenant });

    /// <summary>What the audit log says of the tenant's alerts; that it is noisy is told without its id.</summary>
    private Task<IEnumerable<string>> RecordedAsync(Guid tenant) =>
        fixture.RowsAsync("SELECT action FROM audit_logs WHERE action LIKE 'alert.%' AND details LIKE CONCAT('%', @tenant, '%') ORDER BY action", new { tenant });

    private Task<int> MailsAsync() => fixture.QueryAsync<int>("SELECT COUNT(*) FROM outbox_mails WHERE recipient = @_mailTo", new { _mailTo });
}
