using ValidonX.Tests.LicensingApi.Domains;

namespace ValidonX.Tests.EndToEnd;

public sealed class DomainStoryTests
{
    [Fact]
    public async Task A_proved_host_names_its_tenant_at_every_gateway_until_it_is_removed()
    {
        var stack = await Stack.GetAsync();
        var (tenant, other) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var host = DomainTests.NewHost();
        // Who belongs to another tenant finds nothing under the host: whom it names shows by that.
        async Task<int[]> OthersAsync() =>
            await Task.WhenAll(stack.Gateways.Select(async gateway => (await new Caller(gateway, other.BearerToken, null).GetAsync("/v1/tenant/licenses", ("Host", host))).Status));
        Assert.All(await OthersAsync(), status => Assert.Equal(200, status));

        var added = (await tenant.Owner.PostAsync("/v1/tenant/domains", new { host })).ShouldBe(201).Data["domain"]!;
        Assert.All(await OthersAsync(), status => Assert.Equal(200, status));
        Stack.Dns.Set((string)added["record"]!["name"]!, (string)added["record"]!["value"]!);
        Assert.True((bool)(await tenant.Owner.PostAsync($"/v1/tenant/domains/{added["id"]}/verify")).ShouldBe(200).Data["verified"]!);
        Assert.All(await OthersAsync(), status => Assert.Equal(404, status));

        (await tenant.Owner.DeleteAsync($"/v1/tenant/domains/{added["id"]}")).ShouldBe(200);
        Assert.All(await OthersAsync(), status => Assert.Equal(200, status));

        // The same when an operator takes it away.
        added = (await tenant.Owner.PostAsync("/v1/tenant/domains", new { host })).ShouldBe(201).Data["domain"]!;
        Stack.Dns.Set((string)added["record"]!["name"]!, (string)added["record"]!["value"]!);
        Assert.True((bool)(await tenant.Owner.PostAsync($"/v1/tenant/domains/{added["id"]}/verify")).ShouldBe(200).Data["verified"]!);
        Assert.All(await OthersAsync(), status => Assert.Equal(404, status));
        (await stack.Operator.DeleteAsync($"/v1/admin/tenants/{tenant.Id}/domains/{added["id"]}")).ShouldBe(200);
        Assert.All(await OthersAsync(), status => Assert.Equal(200, status));
    }
}
