using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ValidonX.Provisioner.Billing;

namespace ValidonX.Tests.Provisioner.Billing;

/// <summary>The guarantee: what becomes due happens once, in its order and at its time, however often, by how many and by whatever dying workers it is looked for.</summary>
public sealed class DueSubscriptionTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>, IDisposable
{
    private static readonly DateTimeOffset Start = new(2027, 1, 31, 10, 0, 0, TimeSpan.Zero);

    private readonly MovableClock _clock = new(Start);
    private readonly CapturedLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Periods_follow_the_anchor_and_each_is_invoiced_once()
    {
        var tenant = await SubscribeAsync("pro");
        using var host = Host();
        foreach (var end in new[] { Start.AddMonths(1), Start.AddMonths(2), Start.AddMonths(3) })
        {
            await LookAsync(host);
            await LookAsync(host);
            await PayAllAsync(tenant);
            _clock.Now = end.AddMicroseconds(-1);
            await LookAsync(host);
            _clock.Now = end;
        }

        await LookAsync(host);

        Assert.Equal(["active|2027-04-30 10:00|2027-05-31 10:00|pro"], await PeriodsAsync(tenant));
        Assert.Equal(
            [
                "2027-01-31 10:00|2027-02-28 10:00|4900", "2027-02-28 10:00|2027-03-31 10:00|4900", "2027-03-31 10:00|2027-04-30 10:00|4900", "2027-04-30 10:00|2027-05-31 10:00|4900",
            ],
            await InvoicesAsync(tenant));
    }

    [Fact]
    public async Task What_was_missed_is_made_up_for_in_its_order()
    {
        var tenant = await SubscribeAsync("pro");
        using var host = Host();
        _clock.Now = Start.AddMonths(2).AddDays(1);

        await LookAsync(host);

        Assert.Equal(3, (await InvoicesAsync(tenant)).Count());
        Assert.Equal(["active|2027-03-31 10:00|2027-04-30 10:00|pro"], await PeriodsAsync(tenant));
    }

    [Fact]
    public async Task A_trial_costs_nothing_and_becomes_a_period_of_its_own_when_it_ends()
    {
        var tenant = await SubscribeAsync("pro", status: "trialing", end: Start.AddDays(14));
        using var host = Host();
        await LookAsync(host);
        Assert.Empty(await InvoicesAsync(tenant));

        _clock.Now = Start.AddDays(14);
        await LookAsync(host);

        Assert.Equal(["active|2027-02-14 10:00|2027-03-14 10:00|pro"], await PeriodsAsync(tenant));
        Assert.Equal(["2027-02-14 10:00|2027-03-14 10:00|4900"], await InvoicesAsync(tenant));
    }

    [Fact]
    public async Task Who_does_not_pay_is_past_due_keeps_the_plan_for_the_days_of_grace_and_is_then_on_the_free_one()
    {
        var tenant = await SubscribeAsync("pro");
        using var host = Host();
        await LookAsync(host);

        _clock.Now = Start.AddDays(14);
        await LookAsync(host);
        Assert.StartsWith("past_due|", (await PeriodsAsync(tenant)).Single(), StringComparison.Ordinal);
        Assert.Equal("pro", await PlanOfTenantAsync(tenant));

        _clock.Now = Start.AddDays(14 + 21).AddMicroseconds(-1);
        await LookAsync(host);
        Assert.Equal("pro", await PlanOfTenantAsync(tenant));

        _clock.Now = Start.AddDays(14 + 21);
        await LookAsync(host);
        await LookAsync(host);

        Assert.StartsWith("canceled|", (await PeriodsAsync(tenant)).Single(), StringComparison.Ordinal);
        Assert.Equal("starter", await PlanOfTenantAsync(tenant));
        Assert.Equal(1, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @tenant AND kind = 'apply_plan'", new { tenant }));
        Assert.Equal(1, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @tenant AND action = 'subscription.cancelled'", new { tenant }));
    }

    [Fact]
    public async Task A_planned_change_and_a_planned_end_come_with_the_period()
    {
        var (changing, ending) = (await SubscribeAsync("pro"), await SubscribeAsync("pro"));
        await fixture.ExecuteAsync(
            "UPDATE subscriptions SET next_plan_code = 'starter' WHERE tenant_id = @changing; UPDATE subscriptions SET cancel_at = current_period_end WHERE tenant_id = @ending",
            new { changing, ending });
        using var host = Host();
        await LookAsync(host);
        await PayAllAsync(changing);
        await PayAllAsync(ending);
        _clock.Now = Start.AddMonths(1);

        await LookAsync(host);

        Assert.Equal(["active|2027-02-28 10:00|2027-03-31 10:00|starter"], await PeriodsAsync(changing));
        Assert.StartsWith("canceled|", (await PeriodsAsync(ending)).Single(), StringComparison.Ordinal);
        Assert.Equal(("starter", "starter"), (await PlanOfTenantAsync(changing), await PlanOfTenantAsync(ending)));
        Assert.Single(await InvoicesAsync(changing));
        Assert.Single(await InvoicesAsync(ending));
    }

    [Fact]
    public async Task Usage_beyond_what_is_included_is_on_the_next_invoice_once_by_calendar_months()
    {
        await fixture.ExecuteAsync(
            """
            INSERT IGNORE INTO plans (code, name, position, price_cents, is_public) VALUES ('metered', 'Metered', 9, 1000, 0);
            INSERT IGNORE INTO plan_meters (plan_code, metric, included, unit, price_cents) VALUES ('metered', 'api_calls', 1000, 100, 7)
            """);
        var tenant = await SubscribeAsync("metered", price: 1000);
        await fixture.ExecuteAsync(
            """
            INSERT INTO api_call_months (tenant_id, month, writer, used, updated_at) VALUES
              (@tenant, '2027-01-01', 'one', 1500, UTC_TIMESTAMP(6)), (@tenant, '2027-01-01', 'two', 550, UTC_TIMESTAMP(6)),
              (@tenant, '2027-02-01', 'one', 900, UTC_TIMESTAMP(6)), (@tenant, '2027-03-01', 'one', 1100, UTC_TIMESTAMP(6))
            """,
            new { tenant });
        using var host = Host();
        for (var month = 0; month <= 3; month++)
        {
            _clock.Now = Start.AddMonths(month);
            await LookAsync(host);
            await PayAllAsync(tenant);
        }

        Assert.Equal(
            ["2027-01-31|base Metered 1000", "2027-02-28|base Metered 1000", "2027-02-28|metered api_calls: 2050 used, 1000 included 74", "2027-03-31|base Metered 1000", "2027-04-30|base Metered 1000",
                "2027-04-30|metered api_calls: 1100 used, 1000 included 7"],
            await fixture.RowsAsync(
                """
                SELECT DATE_FORMAT(i.period_start, '%Y-%m-%d') AS day, CONCAT(l.kind, ' ', l.description, ' ', l.amount_cents) AS line
                FROM invoices i JOIN invoice_lines l ON l.invoice_id = i.id WHERE i.tenant_id = @tenant ORDER BY i.number, l.position
                """,
                new { tenant }));
    }

    [Theory]
    [InlineData("Committing")]
    [InlineData("Committed")]
    public async Task A_worker_killed_while_billing_leaves_nothing_half_done_and_nothing_is_done_twice(string instant)
    {
        await fixture.ExecuteAsync("UPDATE subscriptions SET next_look_at = '9999-12-31'");
        var tenant = await SubscribeAsync("pro", start: DateTimeOffset.UtcNow.AddDays(-1));
        var before = await LastNumberAsync();
        await using (var killed = WorkerProcess.Start(fixture.Configuration(("BillingInstant", instant), ("Provisioner:BillingInterval", "00:00:00.050"))))
        {
            Assert.Equal(tenant, await killed.ReachedInstant);
            await killed.WaitForExitAsync();
        }

        Assert.Equal(instant == "Committed" ? 1 : 0, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM invoices WHERE tenant_id = @tenant", new { tenant }));
        _clock.Now = DateTimeOffset.UtcNow;
        using var host = Host();
        await LookAsync(host);
        await LookAsync(host);

        Assert.Equal(
            [$"{before + 1}|4900"], await fixture.RowsAsync("SELECT number, amount_cents FROM invoices WHERE tenant_id = @tenant", new { tenant }));
        Assert.Equal(before + 1, await LastNumberAsync());
    }

    [Fact]
    public async Task Several_provisioners_at_once_issue_each_invoice_once_and_leave_no_number_out()
    {
        var before = await LastNumberAsync();
        var tenants = new List<Guid>();
        for (var i = 0; i < 50; i++)
        {
            tenants.Add(await SubscribeAsync("pro"));
        }

        using var one = Host();
        using var two = Host();
        await Task.WhenAll(LookAsync(one), LookAsync(two), LookAsync(one), LookAsync(two));

        var numbers = (await fixture.RowsAsync("SELECT number FROM invoices WHERE tenant_id IN @tenants ORDER BY number", new { tenants })).Select(long.Parse).ToList();
        Assert.Equal(50, numbers.Count);
        Assert.Equal(numbers, numbers.Distinct());
        var all = (await fixture.RowsAsync("SELECT number FROM invoices WHERE number > @before ORDER BY number", new { before })).Select(long.Parse).ToList();
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => before + i), all);
        Assert.Equal(await LastNumberAsync(), all[^1]);
    }

    private IHost Host() =>
        ProvisionerHost.Build(fixture.Configuration(), also: services => services.AddSingleton<TimeProvider>(_clock).AddLogging(logging => logging.AddProvider(_log)));

    private async Task LookAsync(IHost host)
    {
        await host.Services.GetRequiredService<DueSubscriptions>().AdvanceAsync(Cancellation);
        Assert.Empty(_log.Warnings);
    }

    private async Task<Guid> SubscribeAsync(string plan, string status = "active", DateTimeOffset? start = null, DateTimeOffset? end = null, long price = 4900)
    {
        var id = Guid.CreateVersion7();
        var begin = start ?? Start;
        await fixture.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at)
            VALUES (@id, 'Acme', @slug, 'active', @plan, 'local', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, anchor_at, price_cents, metered_until, created_at, updated_at)
            VALUES (@id, @id, @plan, @status, @begin, @until, @begin, @price, @metered, @begin, @begin)
            """,
            new
            {
                id,
                slug = $"tenant-{id:N}",
                plan,
                status,
                begin = begin.UtcDateTime,
                until = (end ?? begin.AddMonths(1)).UtcDateTime,
                price,
                metered = new DateTime(begin.Year, begin.Month, 1, 0, 0, 0, DateTimeKind.Utc),
            });
        return id;
    }

    private Task PayAllAsync(Guid tenant) => fixture.ExecuteAsync("UPDATE invoices SET status = 'paid' WHERE tenant_id = @tenant", new { tenant });

    private Task<IEnumerable<string>> PeriodsAsync(Guid tenant) => fixture.RowsAsync(
        """
        SELECT status, DATE_FORMAT(current_period_start, '%Y-%m-%d %H:%i') AS a, DATE_FORMAT(current_period_end, '%Y-%m-%d %H:%i') AS b, plan_code
        FROM subscriptions WHERE tenant_id = @tenant
        """,
        new { tenant });

    private Task<IEnumerable<string>> InvoicesAsync(Guid tenant) => fixture.RowsAsync(
        """
        SELECT DATE_FORMAT(period_start, '%Y-%m-%d %H:%i') AS a, DATE_FORMAT(period_end, '%Y-%m-%d %H:%i') AS b, amount_cents
        FROM invoices WHERE tenant_id = @tenant ORDER BY number
        """,
        new { tenant });

    private Task<string> PlanOfTenantAsync(Guid tenant) => fixture.QueryAsync<string>("SELECT plan_code FROM tenants WHERE id = @tenant", new { tenant });

    private Task<long> LastNumberAsync() => fixture.QueryAsync<long>("SELECT CAST(COALESCE(MAX(number), 0) AS SIGNED) FROM invoices");
}
