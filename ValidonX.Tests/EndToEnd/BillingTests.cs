namespace ValidonX.Tests.EndToEnd;

/// <summary>Plans and subscriptions through the gateways, with a provisioner that moves them.</summary>
public sealed class BillingTests
{
    [Fact]
    public async Task A_changed_plan_limits_every_gateway_and_the_tenant_when_the_call_returns()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync("starter");
        var license = await tenant.CreateLicenseAsync();
        (await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "one", name = "One" })).ShouldBe(201);
        (await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "two", name = "Two" })).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
        foreach (var app in tenant.Apps)
        {
            Assert.Contains("\"key\";q=120;w=60", (await app.ValidateAsync(license.Key)).ShouldBe(200).Header("RateLimit-Policy"), StringComparison.Ordinal);
        }

        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "pro" })).ShouldBe(200);

        foreach (var app in tenant.Apps)
        {
            Assert.Contains("\"key\";q=1200;w=60", (await app.ValidateAsync(license.Key)).ShouldBe(200).Header("RateLimit-Policy"), StringComparison.Ordinal);
        }

        (await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "two", name = "Two" })).ShouldBe(201);
        var refused = (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "starter" })).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal(2, (int)refused.Details["over"]!["products.max"]!["used"]!);
    }

    [Fact]
    public async Task A_new_tenants_first_period_is_invoiced_by_the_provisioner_and_its_payment_noted_by_an_operator()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync("pro");
        Answer? invoices = null;
        await Until.TrueAsync(
            async () => (invoices = (await tenant.Owner.GetAsync("/v1/billing/invoices")).ShouldBe(200)).Data.AsArray().Count > 0, "the first invoice is there");
        var invoice = Assert.Single(invoices!.Data.AsArray())!;
        Assert.Equal((4900, "open"), ((int)invoice["total_cents"]!, (string)invoice["status"]!));

        (await stack.Operator.PostAsync($"/v1/admin/invoices/{invoice["id"]}/pay", new { note = "transfer" })).ShouldBe(200);

        Assert.Equal("paid", (string?)(await tenant.Owner.GetAsync($"/v1/billing/invoices/{invoice["id"]}")).ShouldBe(200).Data["invoice"]!["status"]);
        Assert.Equal("active", (string?)(await tenant.Owner.GetAsync("/v1/billing/subscription")).ShouldBe(200).Data["subscription"]!["status"]);
        (await tenant.App.GetAsync("/v1/billing/invoices")).ShouldBe(401);
    }
}
