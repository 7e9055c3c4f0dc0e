using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Gateway.Routing;
using ValidonX.Tests.LicensingApi.Billing;

namespace ValidonX.Tests.LicensingApi.Payments;

/// <summary>A gateway in front of a licensing API whose Stripe is a stand-in.</summary>
public sealed class StripePlatform : IAsyncLifetime
{
    private BothServers _servers = null!;

    internal LicensingPlatform Platform { get; } = new();

    internal StripeStandIn Stripe { get; private set; } = null!;

    internal HttpClient Gateway => _servers.Gateway.Client;

    /// <summary>An operator, through the gateway.</summary>
    internal Caller Operator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Platform.InitializeAsync();
        Stripe = await StripeStandIn.StartAsync();
        _servers = await BothServers.StartAsync(Platform, builder => builder.Configuration.AddInMemoryCollection(Stripe.Settings));
        Operator = new Caller(Gateway, await BothServers.TokenAsync(Platform, TokenOwners.Admin, Guid.CreateVersion7(), Abilities.Admin), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _servers.DisposeAsync();
        await Stripe.DisposeAsync();
        await Platform.DisposeAsync();
    }

    /// <summary>A tenant with an open invoice of 49.00.</summary>
    internal async Task<PayingTenant> CreateTenantAsync()
    {
        var tenant = await BilledTenant.CreateAsync(Platform, [Platform.Replicas[0].Client], new MovableClock(DateTimeOffset.UtcNow), "starter", price: 0);
        var user = Guid.CreateVersion7();
        await Platform.ExecuteAsync(
            """
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@user, CONCAT(@user, '@tenant.example'), 'Owner', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@Id, @user, 'owner', UTC_TIMESTAMP(6))
            """,
            new { tenant.Id, user });
        var owner = new Caller(Gateway, await BothServers.TokenAsync(Platform, TokenOwners.User, user, Abilities.Tenant), null);
        (await owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "pro" })).ShouldBe(200);
        var invoice = Assert.Single((await owner.GetAsync("/v1/billing/invoices")).ShouldBe(200).Data.AsArray())!;
        return new PayingTenant(this, tenant.Licensed, owner, Guid.Parse((string)invoice["id"]!), (long)invoice["total_cents"]!);
    }

    /// <summary>Sends an event as Stripe does.</summary>
    internal Task<Answer> TellAsync(string type, JsonObject about) => SendAsync(Stripe.Event(type, about));

    /// <summary>Sends a body, by default signed as Stripe does.</summary>
    internal Task<Answer> SendAsync(string body, string? signature = null) => SendAsync(Gateway, body, signature ?? StripeStandIn.Sign(body), null);

    /// <summary>Sends a body to any server.</summary>
    internal static async Task<Answer> SendAsync(HttpClient to, string body, string? signature, string? context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (!string.IsNullOrEmpty(signature))
        {
            request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        }

        if (context is not null)
        {
            request.Headers.Add("X-ValidonX-Internal-Context", context);
        }

        using var response = await to.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    internal const string Path = "/v1/billing/stripe/events";
}

/// <summary>Tests that share one such platform and leave it running.</summary>
[CollectionDefinition(Name)]
public sealed class StripeCollection : ICollectionFixture<StripePlatform>
{
    public const string Name = "stripe";
}

/// <summary>A tenant that pays, through the gateway.</summary>
internal sealed class PayingTenant(StripePlatform world, LicensedTenant tenant, Caller owner, Guid invoice, long total)
{
    public Guid Id => tenant.Id;

    /// <summary>Its owner at any API.</summary>
    public ApiCaller OwnerAt(HttpClient api) => tenant.OwnerAt(api);

    public Caller Owner => owner;

    public Guid Invoice => invoice;

    public long Total => total;

    /// <summary>Opens the page on which its invoice can be paid.</summary>
    public async Task<string> CheckoutAsync(bool keepCard = false) =>
        (string)(await owner.PostAsync("/v1/billing/checkout", new { invoice_id = invoice, keep_card = keepCard })).ShouldBe(201).Data["url"]!;

    /// <summary>How the invoice and the subscription stand.</summary>
    public async Task<(string Invoice, string Subscription)> StandsAsync() => (
        (string)(await owner.GetAsync($"/v1/billing/invoices/{invoice}")).ShouldBe(200).Data["invoice"]!["status"]!,
        (string)(await owner.GetAsync("/v1/billing/subscription")).ShouldBe(200).Data["subscription"]!["status"]!);

    /// <summary>What operators see of its payments.</summary>
    public async Task<IReadOnlyList<string>> PaymentsAsync() =>
        [.. (await world.Operator.GetAsync($"/v1/admin/payments?tenant_id={Id}")).ShouldBe(200).Data.AsArray().Select(one => $"{one!["status"]} {one["reason"]} {one["amount_cents"]} {one["refunded_cents"]} {one["dispute"]}".Replace("  ", " - ", StringComparison.Ordinal).TrimEnd())];

    /// <summary>How often something was written down of it.</summary>
    public Task<int> AuditedAsync(string action) => world.Platform.ScalarAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = @action", new { Id, action });

    /// <summary>Its customer at Stripe.</summary>
    public string Customer => (string)Assert.Single(world.Stripe.Of("customer", "tenant", Id.ToString()))["id"]!;

    /// <summary>The card that may be charged again.</summary>
    public Task<string?> KeptCardAsync() => world.Platform.ScalarAsync<string>("SELECT payment_method FROM stripe_customers WHERE tenant_id = @Id", new { Id });
}
