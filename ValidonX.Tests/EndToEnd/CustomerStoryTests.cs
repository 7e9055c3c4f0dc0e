using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Customers;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.EndToEnd;

/// <summary>A tenant's customers, through the gateways: the host alone names the tenant.</summary>
public sealed class CustomerStoryTests
{
    private const string License = "/v1/customer/license";

    [Fact]
    public async Task A_customer_frees_a_device_by_the_tenants_host_and_by_no_other()
    {
        var stack = await Stack.GetAsync();
        var (tenant, other) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = address } });
        var device = (string)(await tenant.App.ActivateAsync(license.Key, "laptop")).ShouldBe(201).Data["activation"]!["id"]!;
        var (host, elsewhere) = (("Host", $"{tenant.Slug}.localhost"), ("Host", $"{other.Slug}.localhost"));
        var (first, second) = (new Caller(stack.Gateways[0], null, null), new Caller(stack.Gateways[1], null, null));

        (await first.PostAsync("/v1/customer/codes", new { license_key = license.Key }, elsewhere)).ShouldBe(202);
        Assert.Empty(await Mailbox().MailsAsync());
        (await first.PostAsync("/v1/customer/codes", new { license_key = license.Key }, host)).ShouldBe(202);
        var code = CustomerTests.CodeOf(Assert.Single(await Mailbox().MailsAsync()));
        (await second.PostAsync("/v1/customer/sessions", new { license_key = license.Key, code }, elsewhere)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var opened = (await second.PostAsync("/v1/customer/sessions", new { license_key = license.Key, code }, host)).ShouldBe(201);
        var token = ("X-Customer-Token", (string)opened.Data["token"]!);

        Assert.Single((await first.GetAsync(License, host, token)).ShouldBe(200).Data["devices"]!.AsArray());
        (await first.GetAsync(License, elsewhere, token)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await first.DeleteAsync($"/v1/customer/activations/{device}", elsewhere, token)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await first.DeleteAsync($"/v1/customer/activations/{device}", host, token)).ShouldBe(200);
        Assert.All(await Task.WhenAll(tenant.Apps.Select(app => app.PostAsync($"/v1/integration/activations/{device}/validate"))), answer => Assert.False((bool)answer.ShouldBe(200).Data["valid"]!));

        Mailbox Mailbox() => new(path => stack.Operator.GetAsync(path), address);
    }

    [Fact]
    public async Task A_host_that_names_no_tenant_in_service_has_no_customers()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var nobody = new Caller(stack.Gateways[0], null, null);
        (await nobody.GetAsync("/v1/customer/branding")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await tenant.Owner.GetAsync("/v1/customer/branding", ("X-Tenant-ID", tenant.Id.ToString()))).ShouldBe(404, "TENANT.NOT_FOUND");
        (await nobody.GetAsync("/v1/customer/branding", ("Host", $"{$"no-{Guid.NewGuid():N}"[..20]}.localhost"))).ShouldBe(404, "TENANT.NOT_FOUND");
        Assert.Equal($"Tenant {tenant.Slug[2..]}", (string)(await nobody.GetAsync("/v1/customer/branding", ("Host", $"{tenant.Slug.ToUpperInvariant()}.localhost:5090"))).ShouldBe(200).Data["display_name"]!);

        (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/suspend")).ShouldBe(200);
        (await nobody.GetAsync("/v1/customer/branding", ("Host", $"{tenant.Slug}.localhost"))).ShouldBe(403, "TENANT.STATUS.SUSPENDED");
    }
}
