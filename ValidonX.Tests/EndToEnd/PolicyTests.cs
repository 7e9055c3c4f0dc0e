using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>Policies and leased seats through the gateways, on the clock on the wall.</summary>
public sealed class PolicyTests
{
    private const string Activations = "/v1/integration/activations";

    [Fact]
    public async Task Floating_seats_come_and_go_through_any_gateway_and_the_vendor_hears_of_it()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new
        {
            type = "floating",
            policy = new { max_activations = 1, heartbeat_seconds = 15, lease_grace_seconds = 5, churn = new { activations = 1, per_days = 1 } },
        });
        var (one, other) = (tenant.Apps[0], tenant.Apps[1]);
        var crashed = Id((await one.ActivateAsync(license.Key, "crashes")).ShouldBe(201));
        (await one.ActivateAsync(license.Key, "third")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
        var lease = (DateTimeOffset)(await other.PostAsync($"{Activations}/{crashed}/heartbeat")).ShouldBe(200).Data["activation"]!["lease_expires_at"]!;

        // Nobody frees it; the time does.
        await Until.TrueAsync(() => DateTimeOffset.UtcNow > lease, "the lease ends");
        var third = (await one.ActivateAsync(license.Key, "third")).ShouldBe(201);
        Assert.Equal("lease_ended", (string?)(await other.PostAsync($"{Activations}/{crashed}/validate")).Data["reason"]);
        Assert.Equal("seat_taken", (string?)(await other.PostAsync($"{Activations}/{crashed}/heartbeat")).ShouldBe(409, "RESOURCE.CONFLICT").Details["reason"]);

        var instead = await one.PostAsync(Activations, new { license_key = license.Key, instance_id = "instead", take_over = Id(third) });
        instead.ShouldBe(201);
        Assert.Equal("taken_over", (string?)(await other.PostAsync($"{Activations}/{Id(third)}/heartbeat")).ShouldBe(409, "RESOURCE.CONFLICT").Details["reason"]);
        var tooOften = (await other.PostAsync(Activations, new { license_key = license.Key, instance_id = "again", take_over = Id(instead) })).ShouldBe(403, "ACTIVATION.CHURN_EXCEEDED");
        Assert.Equal((1, 1), ((int)tooOften.Details["limit"]!, (int)tooOften.Details["per_days"]!));
        Assert.InRange((DateTimeOffset)tooOften.Details["retry_at"]!, DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddDays(1));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("released", (string?)(await tenant.Apps[i].DeleteAsync($"{Activations}/{Id(instead)}")).Data["activation"]!["status"]);
        }

        await Until.TrueAsync(async () => await CountAsync("activation.limit_reached") >= 2, "the vendor hears of the limit");
        await Until.TrueAsync(async () => await CountAsync("activation.revoked") >= 3, "the vendor hears of the seats");
        Assert.Equal(2, await CountAsync("activation.limit_reached"));

        async Task<int> CountAsync(string action)
        {
            var answer = await tenant.Owner.GetAsync($"/v1/tenant/audit-logs?action={action}");
            answer.ShouldBe(200);
            return answer.Data.AsArray().Count;
        }
    }

    [Fact]
    public async Task A_products_new_policy_holds_at_every_gateway_when_the_call_returns()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var created = await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "cad", name = "CAD" });
        created.ShouldBe(201);
        var policy = $"/v1/tenant/products/{(string)created.Data["product"]!["id"]!}/policy";
        var license = await tenant.CreateLicenseAsync(new { product_id = (string)created.Data["product"]!["id"]! });
        var path = $"/v1/integration/licenses/{license.Key}/validate";
        for (var round = 0; round < 3; round++)
        {
            (await tenant.Owner.PutAsync(policy, new { allowed_regions = new[] { "DE" } })).ShouldBe(200);
            foreach (var app in tenant.Apps)
            {
                Assert.Equal("region_unknown", (string?)(await app.ValidateAsync(license.Key)).ShouldBe(403, "LICENSE.RESTRICTED").Details["reason"]);
                Assert.Equal("region", (string?)(await app.PostAsync(path, new { region = "FR" })).ShouldBe(403, "LICENSE.RESTRICTED").Details["reason"]);
                (await app.PostAsync(path, new { region = "DE-BY" })).ShouldBe(200);
            }

            (await tenant.Owner.PutAsync(policy, new { valid_from = DateTimeOffset.UtcNow.AddDays(1) })).ShouldBe(200);
            foreach (var app in tenant.Apps)
            {
                Assert.Equal("not_yet_valid", (string?)(await app.ValidateAsync(license.Key)).ShouldBe(403, "LICENSE.RESTRICTED").Details["reason"]);
            }

            (await tenant.Owner.PutAsync(policy, new { })).ShouldBe(200);
            foreach (var app in tenant.Apps)
            {
                (await app.ValidateAsync(license.Key)).ShouldBe(200);
            }
        }
    }

    [Fact]
    public async Task Heartbeats_need_the_scope_of_activations_and_have_a_quota_apart_from_theirs()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { type = "floating" });
        var seat = Id((await tenant.App.ActivateAsync(license.Key, "a")).ShouldBe(201));
        (await stack.Operator.PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new { endpoint = new { activations = 1 } })).ShouldBe(200);
        await tenant.App.ActivateAsync(license.Key, "a");
        (await tenant.App.ActivateAsync(license.Key, "a")).ShouldBe(429, "RATE_LIMIT.EXCEEDED");

        var kept = await tenant.App.PostAsync($"{Activations}/{seat}/heartbeat");
        kept.ShouldBe(200);
        Assert.Contains("\"endpoint\";q=1200", kept.Header("RateLimit-Policy"), StringComparison.Ordinal);
        var created = await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "reads", scopes = new[] { "licenses", "resolve", "usage", "entitlements" } });
        created.ShouldBe(201);
        var other = new Caller(stack.Gateways[0], null, SecretScan.Noted((string)created.Data["key"]!));
        (await other.PostAsync($"{Activations}/{seat}/heartbeat")).ShouldBe(403, "AUTH.SCOPE_INSUFFICIENT");
        (await other.DeleteAsync($"{Activations}/{seat}")).ShouldBe(403, "AUTH.SCOPE_INSUFFICIENT");
        (await tenant.App.DeleteAsync($"{Activations}/{seat}")).ShouldBe(200);
    }

    private static string Id(Answer answer) => (string)answer.Data["activation"]!["id"]!;
}
