namespace ValidonX.Tests.EndToEnd;

/// <summary>What an answer of 200 promises: on every gateway and every licensing API the change is in force (CONTRACT §2, DESIGN §6).</summary>
public sealed class CoherenceTests
{
    // Two gateways, each in turn to two licensing APIs: enough calls that every pair is met while warm.
    private const int Rounds = 12;

    [Fact]
    public async Task A_revoked_license_is_refused_on_every_replica_before_the_call_returns()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        for (var round = 0; round < 5; round++)
        {
            var license = await tenant.CreateLicenseAsync();
            await EveryReplicaAsync(tenant, license, answer => answer.ShouldBe(200));

            (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/revoke")).ShouldBe(200);

            await EveryReplicaAsync(tenant, license, answer => answer.ShouldBe(403, "LICENSE.REVOKED"));
        }
    }

    [Fact]
    public async Task A_suspended_tenant_is_refused_on_every_replica_before_the_call_returns_and_served_again_after_reactivation()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        for (var round = 0; round < 3; round++)
        {
            await EveryReplicaAsync(tenant, license, answer => answer.ShouldBe(200));

            (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/suspend")).ShouldBe(200);

            await EveryReplicaAsync(tenant, license, answer => answer.ShouldBe(403, "TENANT.STATUS.SUSPENDED"));
            (await tenant.Owner.GetAsync("/v1/tenant/licenses")).ShouldBe(403, "TENANT.STATUS.SUSPENDED");

            (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/reactivate")).ShouldBe(200);
        }

        await EveryReplicaAsync(tenant, license, answer => answer.ShouldBe(200));
    }

    [Fact]
    public async Task A_deleted_api_key_is_unknown_on_every_gateway_before_the_call_returns()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        var created = (await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "second" })).ShouldBe(201);
        var key = (string)created.Data["key"]!;
        Caller[] apps = [.. stack.Gateways.Select(gateway => new Caller(gateway, null, key))];
        foreach (var app in apps)
        {
            (await app.ValidateAsync(license.Key)).ShouldBe(200);
        }

        var deleted = (await tenant.Owner.DeleteAsync($"/v1/tenant/api-keys/{(string)created.Data["id"]!}")).ShouldBe(200);

        Assert.True((bool)deleted.Data["deleted"]!);
        foreach (var app in apps)
        {
            (await app.ValidateAsync(license.Key)).ShouldBe(401, "AUTH.INVALID_API_KEY");
        }

        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);
    }

    private static async Task EveryReplicaAsync(TestTenant tenant, TestLicense license, Action<Answer> check)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Rounds).Select(i => tenant.Apps[i % 2].ValidateAsync(license.Key)));
        Assert.All(answers, check);
    }
}
