using ValidonX.Platform.Payments;
using ValidonX.Tests.LicensingApi.Payments;

namespace ValidonX.Tests.Provisioner.Payments;

/// <summary>Kept cards are charged for new invoices: once each, counted at Stripe, whatever worker dies.</summary>
public sealed class CollectInvoiceTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>, IAsyncLifetime
{
    private StripeStandIn _stripe = null!;

    public async ValueTask InitializeAsync() => _stripe = await StripeStandIn.StartAsync();

    public ValueTask DisposeAsync() => _stripe.DisposeAsync();

    [Fact]
    public async Task A_worker_killed_while_it_charges_is_followed_by_one_that_charges_nothing_twice()
    {
        var charge = _stripe.Hold("POST payment_intents");
        var (kept, declined, without) = (await SubscribeAsync("pm_card_visa"), await SubscribeAsync(StripeStandIn.DeclinedCard), await SubscribeAsync(null));
        await using (WorkerProcess.Start(Configuration()))
        {
            // The invoices are issued, a charge is made at Stripe, and nobody here knows of it.
            await charge.Arrived;
        }

        charge.Release();
        using var host = await fixture.StartWorkerHereAsync(_ => { }, [.. Settings()]);
        await Until.TrueAsync(
            async () => await fixture.QueryAsync<int>("SELECT COUNT(*) FROM invoices WHERE tenant_id IN @all", new { all = new[] { kept, declined, without } }) == 3, "all are invoiced");
        foreach (var tenant in new[] { kept, declined, without })
        {
            await fixture.WaitUntilIdleAsync(tenant);
        }

        await host.StopAsync(TestContext.Current.CancellationToken);

        var paid = Assert.Single(_stripe.PaymentsOf(await InvoiceOfAsync(kept)));
        Assert.Equal(("succeeded", 4900L, "usd"), ((string?)paid["status"], (long)paid["amount_received"]!, (string?)paid["currency"]));
        Assert.Equal("requires_payment_method", (string?)Assert.Single(_stripe.PaymentsOf(await InvoiceOfAsync(declined)))["status"]);
        Assert.Empty(_stripe.PaymentsOf(await InvoiceOfAsync(without)));

        // What became of the money events tell, never the worker.
        Assert.Equal(["open"], await fixture.RowsAsync("SELECT DISTINCT status FROM invoices WHERE tenant_id IN @all", new { all = new[] { kept, declined, without } }));
        Assert.Equal(["succeeded|2"], await fixture.RowsAsync("SELECT status, COUNT(*) FROM jobs WHERE kind = 'collect_invoice' GROUP BY status", new { }));

        // An operator who runs a job again, after Stripe has forgotten its keys, charges nobody again.
        _stripe.ForgetKeys();
        foreach (var tenant in new[] { kept, declined })
        {
            var invoice = await InvoiceOfAsync(tenant);
            await fixture.Databases.Platform.TransactAsync((transaction, token) => CollectInvoiceJob.EnqueueAsync(transaction, tenant, invoice, token), TestContext.Current.CancellationToken);
        }

        using var again = await fixture.StartWorkerHereAsync(_ => { }, [.. Settings()]);
        await fixture.WaitUntilIdleAsync(kept);
        await fixture.WaitUntilIdleAsync(declined);
        await again.StopAsync(TestContext.Current.CancellationToken);
        Assert.Single(_stripe.PaymentsOf(await InvoiceOfAsync(kept)));
        Assert.Single(_stripe.PaymentsOf(await InvoiceOfAsync(declined)));
    }

    private IEnumerable<(string Key, string Value)> Settings() =>
        [.. _stripe.Settings.Select(setting => (setting.Key, setting.Value!)), ("Provisioner:BillingInterval", "00:00:00.050")];

    private Dictionary<string, string?> Configuration() => fixture.Configuration([.. Settings()]);

    private Task<Guid> InvoiceOfAsync(Guid tenant) => fixture.QueryAsync<Guid>("SELECT id FROM invoices WHERE tenant_id = @tenant", new { tenant });

    private async Task<Guid> SubscribeAsync(string? card)
    {
        var id = Guid.CreateVersion7();
        var start = DateTime.UtcNow.AddDays(-1);
        await fixture.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at)
            VALUES (@id, 'Acme', @slug, 'active', 'pro', 'local', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO stripe_customers (tenant_id, customer_id, payment_method, created_at) VALUES (@id, CONCAT('cus_', @id), @card, UTC_TIMESTAMP(6));
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, anchor_at, price_cents, metered_until, created_at, updated_at)
            VALUES (@id, @id, 'pro', 'active', @start, @end, @start, 4900, @month, @start, @start)
            """,
            new { id, slug = $"tenant-{id:N}", card, start, end = start.AddMonths(1), month = new DateTime(start.Year, start.Month, 1, 0, 0, 0, DateTimeKind.Utc) });
        return id;
    }
}
