using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Payments;

/// <summary>Where tenants pay by card, and how what they paid comes to their invoices. All calls go through the gateway.</summary>
[Collection(StripeCollection.Name)]
public sealed class CheckoutTests(StripePlatform world)
{
    [Fact]
    public async Task An_invoice_has_one_page_to_be_paid_on_and_its_payment_counts_once_however_often_it_is_told()
    {
        var tenant = await world.CreateTenantAsync();
        var pages = (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => tenant.CheckoutAsync()))).Distinct().ToList();
        var session = Assert.Single(world.Stripe.Of("checkout.session", "client_reference_id", tenant.Invoice.ToString()));
        Assert.Equal((string?)session["url"], Assert.Single(pages));
        Assert.Equal((tenant.Total, "usd", tenant.Customer), ((long)session["amount_total"]!, (string)session["currency"]!, (string)session["customer"]!));

        var payment = world.Stripe.Pay(pages[0]);
        (await tenant.Owner.PostAsync("/v1/billing/checkout", new { invoice_id = tenant.Invoice })).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal(("open", "active"), await tenant.StandsAsync());

        // Larger than any other body that comes without a credential.
        var body = world.Stripe.Event("payment_intent.succeeded", payment, padding: 200_000);
        var told = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => world.SendAsync(body)));
        Assert.All(told, answer => answer.ShouldBe(200));
        Assert.Single(told, answer => (string?)answer.Data["outcome"] == "done");
        Assert.Equal("known", (string?)(await world.SendAsync(body)).ShouldBe(200).Data["outcome"]);
        Assert.Equal("done", (string?)(await world.TellAsync("payment_intent.succeeded", payment)).ShouldBe(200).Data["outcome"]);

        Assert.Equal(("paid", "active"), await tenant.StandsAsync());
        Assert.Equal(["applied - 4900 0"], await tenant.PaymentsAsync());
        Assert.Equal((1, 4), (await tenant.AuditedAsync("invoice.paid"), await tenant.AuditedAsync("billing.checkout_opened")));
    }

    [Fact]
    public async Task A_page_that_has_run_out_is_followed_by_another_one()
    {
        var tenant = await world.CreateTenantAsync();
        var first = await tenant.CheckoutAsync();
        world.Stripe.Expire(first);

        var second = await tenant.CheckoutAsync();
        var third = await tenant.CheckoutAsync(keepCard: true);

        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        Assert.Equal(third, await tenant.CheckoutAsync(keepCard: true));
        Assert.Equal((string?)Assert.Single(world.Stripe.Of("checkout.session", "status", "open"), one => (string?)one["client_reference_id"] == tenant.Invoice.ToString())["url"], third);
    }

    [Fact]
    public async Task A_declined_card_makes_past_due_and_the_next_one_makes_it_good_in_whatever_order_it_is_told()
    {
        var (tenant, late) = (await world.CreateTenantAsync(), await world.CreateTenantAsync());
        var page = await tenant.CheckoutAsync();
        var declined = world.Stripe.Pay(page, StripeStandIn.DeclinedCard);
        var failure = world.Stripe.Event("payment_intent.payment_failed", declined);
        (await world.SendAsync(failure)).ShouldBe(200);
        Assert.Equal(("open", "past_due"), await tenant.StandsAsync());
        Assert.Equal(1, await tenant.AuditedAsync("invoice.payment_failed"));

        var paid = world.Stripe.Pay(page);
        (await world.TellAsync("payment_intent.succeeded", paid)).ShouldBe(200);
        (await world.SendAsync(world.Stripe.Event("payment_intent.payment_failed", declined))).ShouldBe(200);
        Assert.Equal(("paid", "active"), await tenant.StandsAsync());

        // The failure is told first, and long after the money was there: it counts as what it is by then.
        var other = await late.CheckoutAsync();
        var before = world.Stripe.Pay(other, StripeStandIn.DeclinedCard);
        world.Stripe.Pay(other);
        (await world.TellAsync("payment_intent.payment_failed", before)).ShouldBe(200);
        Assert.Equal(("paid", "active"), await late.StandsAsync());
        Assert.Equal(0, await late.AuditedAsync("invoice.payment_failed"));
    }

    [Fact]
    public async Task Refunds_and_chargebacks_are_written_down_once_and_only_go_on_though_they_come_before_the_payment()
    {
        var tenant = await world.CreateTenantAsync();
        var payment = world.Stripe.Pay(await tenant.CheckoutAsync());
        var (part, all) = (world.Stripe.Refund(payment, 900), world.Stripe.Refund(payment, 4900));
        var lost = new JsonObject { ["id"] = "dp_1", ["object"] = "dispute", ["payment_intent"] = (string)payment["id"]!, ["status"] = "lost" };
        var open = new JsonObject { ["id"] = "dp_1", ["object"] = "dispute", ["payment_intent"] = (string)payment["id"]!, ["status"] = "needs_response" };

        foreach (var (type, about) in new[]
        {
            ("charge.refunded", all), ("charge.dispute.closed", lost), ("charge.dispute.created", open), ("charge.refunded", part), ("payment_intent.succeeded", payment),
        })
        {
            (await world.TellAsync(type, about)).ShouldBe(200);
        }

        Assert.Equal(["applied - 4900 4900 lost"], await tenant.PaymentsAsync());
        Assert.Equal(("paid", "active"), await tenant.StandsAsync());
        Assert.Equal((1, 1, 1), (await tenant.AuditedAsync("invoice.paid"), await tenant.AuditedAsync("payment.refunded"), await tenant.AuditedAsync("payment.disputed")));
    }

    [Fact]
    public async Task Money_that_pays_nothing_is_kept_shown_to_operators_and_made_credit_once()
    {
        var (byHand, taken, less) = (await world.CreateTenantAsync(), await world.CreateTenantAsync(), await world.CreateTenantAsync());
        var (first, second, third) = (await byHand.CheckoutAsync(), await taken.CheckoutAsync(), await less.CheckoutAsync());
        (await world.Operator.PostAsync($"/v1/admin/invoices/{byHand.Invoice}/pay", new { note = "transfer" })).ShouldBe(200);
        (await world.Operator.PostAsync($"/v1/admin/invoices/{taken.Invoice}/void")).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.Pay(first))).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.Pay(second))).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.Pay(third, cents: 4899))).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.PayDirectly(less.Customer, 4900, new JsonObject { ["validonx_invoice"] = less.Invoice.ToString() }))).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.PayDirectly(less.Customer, 100, []))).ShouldBe(200);

        Assert.Equal(("unapplied already_paid 4900 0", "unapplied void 4900 0"), (Assert.Single(await byHand.PaymentsAsync()), Assert.Single(await taken.PaymentsAsync())));
        Assert.Equal(["unapplied no_invoice 100 0", "applied - 4900 0", "unapplied amount_differs 4899 0"], await less.PaymentsAsync());
        Assert.Equal(("paid", "void"), ((await byHand.StandsAsync()).Invoice, (await taken.StandsAsync()).Invoice));
        Assert.Equal((1, 2), (await byHand.AuditedAsync("payment.unapplied"), await less.AuditedAsync("payment.unapplied")));

        var payments = (await world.Operator.GetAsync($"/v1/admin/payments?status=unapplied&tenant_id={byHand.Id}")).ShouldBe(200).Data.AsArray();
        var credit = $"/v1/admin/payments/{Assert.Single(payments)!["id"]}/credit";
        Assert.All(await Task.WhenAll(world.Operator.PostAsync(credit), world.Operator.PostAsync(credit)), answer => Assert.Equal("credited", (string?)answer.ShouldBe(200).Data["status"]));
        Assert.Equal(4900, (int)(await byHand.Owner.GetAsync("/v1/billing/subscription")).ShouldBe(200).Data["subscription"]!["credit_cents"]!);
        Assert.Equal(1, await byHand.AuditedAsync("payment.credited"));
        var applied = (await world.Operator.GetAsync($"/v1/admin/payments?status=applied&tenant_id={less.Id}")).ShouldBe(200).Data[0]!["id"];
        (await world.Operator.PostAsync($"/v1/admin/payments/{applied}/credit")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await world.Operator.PostAsync($"/v1/admin/payments/{Guid.NewGuid()}/credit")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task Of_several_who_pay_an_invoice_at_once_one_pays_it_and_the_money_of_the_others_is_kept()
    {
        var tenant = await world.CreateTenantAsync();
        await tenant.CheckoutAsync();
        var names = new JsonObject { ["validonx_invoice"] = tenant.Invoice.ToString() };
        var payments = Enumerable.Range(0, 3).Select(_ => world.Stripe.PayDirectly(tenant.Customer, 4900, names.DeepClone().AsObject())).ToList();

        await Task.WhenAll([
            .. payments.Select(async payment => (await world.TellAsync("payment_intent.succeeded", payment)).ShouldBe(200)),
            .. payments.Select(async payment => (await world.TellAsync("charge.refunded", world.Stripe.Refund(payment, 0))).ShouldBe(200)),
            Task.Run(async () => (await world.Operator.PostAsync($"/v1/admin/invoices/{tenant.Invoice}/pay")).ShouldBe(200)),
        ]);

        var kept = await tenant.PaymentsAsync();
        Assert.Equal("paid", (await tenant.StandsAsync()).Invoice);
        Assert.Equal(3, kept.Count);
        Assert.InRange(kept.Count(one => one == "applied - 4900 0"), 0, 1);
        Assert.InRange(kept.Count(one => one == "unapplied already_paid 4900 0"), 2, 3);
    }

    [Fact]
    public async Task Money_for_a_tenant_that_is_deleted_is_kept_for_operators_to_pay_back()
    {
        var tenant = await world.CreateTenantAsync();
        var payment = world.Stripe.Pay(await tenant.CheckoutAsync());
        await world.Platform.ExecuteAsync("DELETE FROM stripe_customers WHERE tenant_id = @Id; DELETE FROM subscriptions WHERE tenant_id = @Id", new { tenant.Id });

        (await world.TellAsync("payment_intent.succeeded", payment)).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", payment)).ShouldBe(200);
        (await world.TellAsync("charge.refunded", world.Stripe.Refund(payment, 4900))).ShouldBe(200);

        Assert.Equal(["unapplied tenant_gone 4900 4900"], await tenant.PaymentsAsync());
        var id = (await world.Operator.GetAsync($"/v1/admin/payments?tenant_id={tenant.Id}")).ShouldBe(200).Data[0]!["id"];
        (await world.Operator.PostAsync($"/v1/admin/payments/{id}/credit")).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    [Fact]
    public async Task What_one_tenants_customer_pays_never_touches_another_tenant()
    {
        var (victim, other) = (await world.CreateTenantAsync(), await world.CreateTenantAsync());
        foreach (var unknown in new object[] { victim.Invoice, Guid.NewGuid() })
        {
            (await other.Owner.PostAsync("/v1/billing/checkout", new { invoice_id = unknown })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        }

        (await other.Owner.PostAsync("/v1/billing/checkout", new { invoice_id = "nonsense" })).ShouldBe(422, "VALIDATION.FAILED");
        var own = await other.CheckoutAsync();
        await victim.CheckoutAsync();

        // Whatever is written on a payment: it is its customer's. One of a customer that nobody has is nobody's, and pays nothing for the tenant that it names.
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.Pay(own, invoice: victim.Invoice))).ShouldBe(200);
        var names = new JsonObject { ["validonx_tenant"] = victim.Id.ToString(), ["validonx_invoice"] = victim.Invoice.ToString() };
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.PayDirectly(other.Customer, 4900, names.DeepClone().AsObject()))).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.PayDirectly("cus_stranger", 4900, names.DeepClone().AsObject()))).ShouldBe(200);
        Assert.Equal("ignored", (string?)(await world.TellAsync("payment_intent.succeeded", world.Stripe.PayDirectly("cus_stranger", 4900, []))).ShouldBe(200).Data["outcome"]);

        Assert.Equal(("open", "active"), await victim.StandsAsync());
        Assert.Equal(["unapplied other_customer 4900 0"], await victim.PaymentsAsync());
        Assert.Equal(["unapplied no_invoice 4900 0", "unapplied no_invoice 4900 0"], await other.PaymentsAsync());
        Assert.Equal("open", (await other.StandsAsync()).Invoice);
    }

    [Fact]
    public async Task A_card_is_kept_when_its_owner_agrees_and_is_forgotten_when_it_is_taken_away()
    {
        var (tenant, other) = (await world.CreateTenantAsync(), await world.CreateTenantAsync());
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.Pay(await tenant.CheckoutAsync(keepCard: true), "pm_kept"))).ShouldBe(200);
        (await world.TellAsync("payment_intent.succeeded", world.Stripe.Pay(await other.CheckoutAsync(), "pm_once"))).ShouldBe(200);
        Assert.Equal(("pm_kept", null), (await tenant.KeptCardAsync(), await other.KeptCardAsync()));

        Assert.Equal($"https://billing.stripe.example/p/{tenant.Customer}", (string?)(await tenant.Owner.PostAsync("/v1/billing/portal")).ShouldBe(201).Data["url"]);
        (await world.TellAsync("customer.updated", world.Stripe.Choose(tenant.Customer, "pm_chosen"))).ShouldBe(200);
        Assert.Equal(("pm_chosen", null), (await tenant.KeptCardAsync(), await other.KeptCardAsync()));
        (await world.TellAsync("payment_method.detached", new JsonObject { ["id"] = "pm_kept", ["object"] = "payment_method" })).ShouldBe(200);
        Assert.Equal("pm_chosen", await tenant.KeptCardAsync());
        (await world.TellAsync("payment_method.detached", new JsonObject { ["id"] = "pm_chosen", ["object"] = "payment_method" })).ShouldBe(200);

        Assert.Null(await tenant.KeptCardAsync());
        Assert.Equal((2, 1), (await tenant.AuditedAsync("billing.card_kept"), await tenant.AuditedAsync("billing.card_removed")));
        Assert.Equal(1, await tenant.AuditedAsync("billing.portal_opened"));
    }

    [Fact]
    public async Task While_Stripe_is_away_nothing_is_lost_and_where_it_is_not_set_up_callers_are_told()
    {
        var tenant = await world.CreateTenantAsync();
        var payment = world.Stripe.Pay(await tenant.CheckoutAsync());
        var body = world.Stripe.Event("payment_intent.succeeded", payment);
        world.Stripe.IsAway = true;
        try
        {
            (await tenant.Owner.PostAsync("/v1/billing/portal")).ShouldBe(503, "SERVER.UNAVAILABLE");
            (await world.SendAsync(body)).ShouldBe(503, "SERVER.UNAVAILABLE");
        }
        finally
        {
            world.Stripe.IsAway = false;
        }

        Assert.Equal("open", (await tenant.StandsAsync()).Invoice);
        Assert.Equal("done", (string?)(await world.SendAsync(body)).ShouldBe(200).Data["outcome"]);
        Assert.Equal("paid", (await tenant.StandsAsync()).Invoice);

        var without = await world.Platform.CreateTenantAsync();
        (await without.Owner.PostAsync("/v1/billing/checkout", new { invoice_id = tenant.Invoice })).ShouldBe(409, "RESOURCE.CONFLICT");
        (await without.Owner.PostAsync("/v1/billing/portal")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await world.Platform.Anonymous().PostAsync(StripePlatform.Path, new { id = "evt_1" })).ShouldBe(409, "RESOURCE.CONFLICT");
    }
}
