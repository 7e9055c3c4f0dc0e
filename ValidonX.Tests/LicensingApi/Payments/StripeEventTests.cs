using ValidonX.Platform.Callers;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Payments;

/// <summary>What comes to the public route of Stripe's events: only what Stripe signed counts, and what counts has its effect once, whatever dies.</summary>
[Collection(StripeCollection.Name)]
public sealed class StripeEventTests(StripePlatform world)
{
    [Fact]
    public async Task Only_what_is_signed_with_our_secret_a_short_while_ago_over_these_very_bytes_is_believed()
    {
        var tenant = await world.CreateTenantAsync();
        var body = world.Stripe.Event("payment_intent.succeeded", world.Stripe.Pay(await tenant.CheckoutAsync()));
        var right = StripeStandIn.Sign(body);
        var now = DateTimeOffset.UtcNow;
        foreach (var wrong in new[]
        {
            " ", "nonsense", "t=1", "v1=00", ",", "t=,v1=", "t=x,v1=x", $"t={now.ToUnixTimeSeconds()}", right.Replace("v1=", "v0=", StringComparison.Ordinal), right[..^1], right.Replace("v1=", "v1=0", StringComparison.Ordinal),
            StripeStandIn.Sign(body, secret: "whsec_another"), StripeStandIn.Sign(body, now.AddMinutes(-6)), StripeStandIn.Sign(body, now.AddMinutes(6)), StripeStandIn.Sign(body + " "), new string('v', 3_000),
        })
        {
            (await world.SendAsync(body, wrong)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        (await StripePlatform.SendAsync(world.Gateway, body, null, null)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await world.SendAsync(body.Replace("\"usd\"", "\"eur\"", StringComparison.Ordinal), right)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        Assert.Equal("open", (await tenant.StandsAsync()).Invoice);

        // As while a secret is replaced: two signatures, one of them ours.
        (await world.SendAsync(body, $"{right},v1={new string('0', 64)}")).ShouldBe(200);
        Assert.Equal("paid", (await tenant.StandsAsync()).Invoice);
    }

    [Fact]
    public async Task What_is_signed_and_no_event_of_ours_does_nothing()
    {
        foreach (var none in new[] { "", "null", "[]", "{}", "x", "{\"id\":\"evt_1\"}", "{\"id\":1,\"type\":\"a\",\"data\":{\"object\":{}},\"created\":1,\"livemode\":false}", "{\"id\":\"evt_1\",\"type\":\"a\",\"data\":{\"object\":{}},\"created\":99999999999999999,\"livemode\":false}" })
        {
            (await world.SendAsync(none)).ShouldBe(400, "REQUEST.MALFORMED");
        }

        var tenant = await world.CreateTenantAsync();
        var payment = world.Stripe.Pay(await tenant.CheckoutAsync());
        foreach (var body in new[]
        {
            world.Stripe.Event("invoice.upcoming", payment), world.Stripe.Event("payment_intent.succeeded", payment, live: true), world.Stripe.Event("payment_intent.succeeded", new() { ["id"] = "pi_of_nobody" }),
            world.Stripe.Event("charge.refunded", new() { ["id"] = "ch_1", ["payment_intent"] = null }), world.Stripe.Event("customer.updated", new() { ["id"] = "cus_of_nobody" }),
        })
        {
            Assert.Equal("ignored", (string?)(await world.SendAsync(body)).ShouldBe(200).Data["outcome"]);
        }

        Assert.Equal("open", (await tenant.StandsAsync()).Invoice);
        (await world.SendAsync(world.Stripe.Event("payment_intent.succeeded", payment, padding: 256 * 1024))).ShouldBe(413, "REQUEST.TOO_LARGE");
    }

    [Fact]
    public async Task An_API_killed_in_the_midst_of_events_and_pages_loses_nothing_and_does_nothing_twice()
    {
        await using var killed = await ApiProcess.StartAsync(world.Platform, world.Platform.Redis.ConnectionString, world.Stripe.Settings);
        var tenants = new List<PayingTenant>();
        while (tenants.Count < 10)
        {
            tenants.AddRange(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => world.CreateTenantAsync())));
        }

        var (paying, opening) = (tenants[..8], tenants[8..]);
        var bodies = new List<string>();
        foreach (var tenant in paying)
        {
            bodies.Add(world.Stripe.Event("payment_intent.succeeded", world.Stripe.Pay(await tenant.CheckoutAsync())));
        }

        // Some events are done or on their way, and the payments of others are being looked up at Stripe; one's page is made there, another's customer, and
        // nobody here has heard of it: then the process dies.
        var told = bodies.Take(4).Select(ToProcessAsync).ToList();
        await Until.TrueAsync(() => told.Exists(one => one.IsCompleted), "the first are answered");
        var held = new List<StripeStandIn.Held>();
        var pages = new List<Task<Answer>>();
        foreach (var (tenant, call) in opening.Zip(["POST checkout", "POST customers"]))
        {
            held.Add(world.Stripe.Hold(call));
            pages.Add(tenant.OwnerAt(killed.Client).PostAsync("/v1/billing/checkout", new { invoice_id = tenant.Invoice }));
            await held[^1].Arrived;
        }

        held.Add(world.Stripe.Hold("GET payment_intents"));
        told.AddRange(bodies.Skip(4).Select(ToProcessAsync));
        await held[^1].Arrived;
        await killed.KillAsync();
        held.ForEach(call => call.Release());

        foreach (var page in pages)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => page);
        }

        foreach (var tenant in opening)
        {
            Assert.Equal(await tenant.CheckoutAsync(), (string?)Assert.Single(world.Stripe.Of("checkout.session", "client_reference_id", tenant.Invoice.ToString()))["url"]);
            Assert.NotEmpty(tenant.Customer);
        }

        // Stripe sends again what was not answered, and some of what was.
        foreach (var (body, first) in bodies.Zip(told))
        {
            var again = (string?)(await world.SendAsync(body)).ShouldBe(200).Data["outcome"];
            Assert.True(again == "known" || !await IsAnsweredAsync(first), "What was answered is committed.");
        }

        foreach (var tenant in paying)
        {
            Assert.Equal(("paid", "active"), await tenant.StandsAsync());
            Assert.Equal(["applied - 4900 0"], await tenant.PaymentsAsync());
            Assert.Equal(1, await tenant.AuditedAsync("invoice.paid"));
            Assert.Single(world.Stripe.PaymentsOf(tenant.Invoice));
        }

        Task<Answer> ToProcessAsync(string body) =>
            StripePlatform.SendAsync(
                killed.Client,
                body,
                StripeStandIn.Sign(body),
                world.Platform.Sign(new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = LicensingPlatform.InAMinute }, "POST", StripePlatform.Path));
    }

    private static async Task<bool> IsAnsweredAsync(Task<Answer> call)
    {
        try
        {
            (await call).ShouldBe(200);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
