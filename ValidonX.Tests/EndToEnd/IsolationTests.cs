using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.EndToEnd;

/// <summary>A tenant can reach nothing of another's: whatever it tries is 404, 403 or 401.</summary>
public sealed class IsolationTests
{
    [Fact]
    public async Task Another_tenants_license_does_not_exist()
    {
        var stack = await Stack.GetAsync();
        var (ours, theirs) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var license = await theirs.CreateLicenseAsync();
        (await theirs.App.ValidateAsync(license.Key)).ShouldBe(200);

        (await ours.App.ValidateAsync(license.Key)).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await ours.App.ActivateAsync(license.Key, "device")).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await ours.App.PostAsync("/v1/integration/entitlements/check", new { license_key = license.Key, features = new[] { "a" } })).ShouldBe(404);
        (await ours.App.PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "a", quantity = 1 })).ShouldBe(404);
        (await ours.App.PostAsync("/v1/integration/licensing/resolve", new { license_key = license.Key })).ShouldBe(404);
        (await ours.Owner.GetAsync($"/v1/tenant/licenses/{license.Id}")).ShouldBe(404);
        foreach (var change in new[] { "suspend", "reinstate", "revoke" })
        {
            (await ours.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/{change}")).ShouldBe(404);
        }

        (await ours.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/renew", new { expires_at = "2099-01-01T00:00:00Z" })).ShouldBe(404);
        Assert.True((bool)(await theirs.App.ValidateAsync(license.Key)).ShouldBe(200).Data["valid"]!);
    }

    [Fact]
    public async Task The_same_license_key_in_two_tenants_is_two_licenses()
    {
        var stack = await Stack.GetAsync();
        var (first, second) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var a = await first.CreateLicenseAsync(new { key = "SHARED-KEY-0001" });
        var b = await second.CreateLicenseAsync(new { key = "SHARED-KEY-0001", expires_at = "2020-01-01T00:00:00Z" });

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(a.Id.ToString(), (string?)(await first.Apps[i % 2].ValidateAsync("SHARED-KEY-0001")).ShouldBe(200).Data["license"]!["id"]);
            Assert.Equal(b.Id.ToString(), (string?)(await second.Apps[i % 2].ValidateAsync("SHARED-KEY-0001")).ShouldBe(200).Data["license"]!["id"]);
        }
    }

    [Fact]
    public async Task Another_tenants_activation_does_not_exist()
    {
        var stack = await Stack.GetAsync();
        var (ours, theirs) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var license = await theirs.CreateLicenseAsync();
        var id = (string)(await theirs.App.ActivateAsync(license.Key, "device")).ShouldBe(201).Data["activation"]!["id"]!;

        (await ours.App.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        (await ours.App.PostAsync($"/v1/integration/activations/{id}/heartbeat")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        (await ours.App.DeleteAsync($"/v1/integration/activations/{id}")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        (await ours.Owner.DeleteAsync($"/v1/tenant/activations/{id}")).ShouldBe(404);
        (await theirs.App.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(200);
    }

    [Fact]
    public async Task Naming_another_tenant_in_a_header_changes_nothing_for_a_key_and_is_not_found_for_a_user()
    {
        var stack = await Stack.GetAsync();
        var (ours, theirs) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var license = await theirs.CreateLicenseAsync();
        var path = $"/v1/integration/licenses/{license.Key}/validate";

        (await ours.App.PostAsync(path, null, ("X-Tenant-ID", theirs.Id.ToString()))).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await ours.Owner.GetAsync("/v1/tenant/licenses", ("X-Tenant-ID", theirs.Id.ToString()))).ShouldBe(404, "TENANT.NOT_FOUND");
        (await ours.Owner.GetAsync("/v1/tenant/licenses", ("X-Tenant-ID", ours.Id.ToString()))).ShouldBe(200);
    }

    [Fact]
    public async Task A_forged_internal_header_never_passes_the_gateway()
    {
        var stack = await Stack.GetAsync();
        var (ours, theirs) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var license = await theirs.CreateLicenseAsync();
        var path = $"/v1/integration/licenses/{license.Key}/validate";
        var forged = Forge($$"""{"k":1,"t":"{{theirs.Id}}","s":"{{theirs.Slug}}","p":"pro","e":9999999999}""");

        (await ours.App.PostAsync(path, null, ("X-ValidonX-Internal-Context", forged))).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await ours.App.PostAsync(path, null, ("x-validonx-internal-context", forged), ("X-ValidonX-Internal-Tenant", theirs.Id.ToString()))).ShouldBe(404);
        (await new Caller(stack.Gateways[0], null, null).PostAsync(path, null, ("X-ValidonX-Internal-Context", forged))).ShouldBe(401, "AUTH.INVALID_API_KEY");
    }

    [Fact]
    public async Task The_licensing_api_itself_refuses_a_missing_forged_or_expired_context()
    {
        var stack = await Stack.GetAsync();
        var theirs = await stack.CreateTenantAsync();
        var license = await theirs.CreateLicenseAsync();
        var shown = (await stack.Operator.GetAsync($"/v1/admin/tenants/{theirs.Id}")).Data["tenant"]!["database"]!;
        string Sign(DateTimeOffset until) => IsolationTests.Sign(theirs, (string)shown["server"]!, (string)shown["name"]!, until);
        using var direct = stack.CreateLicensingApiClient();
        var caller = new Caller(direct, null, theirs.ApiKey);
        var path = $"/v1/integration/licenses/{license.Key}/validate";

        (await caller.PostAsync(path)).ShouldBe(401);
        foreach (var header in new[]
        {
            Forge($$"""{"k":1,"t":"{{theirs.Id}}","e":9999999999}"""),
            Forge($$"""{"k":3,"e":9999999999}"""),
            "nonsense",
            new string('a', 4000),
            ".",
            Sign(DateTimeOffset.UtcNow.AddSeconds(-1)),
            Sign(DateTimeOffset.UtcNow.AddMinutes(1))[..^1] + "!",
        })
        {
            (await caller.PostAsync(path, null, ("X-ValidonX-Internal-Context", header))).ShouldBe(401);
            (await caller.GetAsync("/v1/admin/tenants", ("X-ValidonX-Internal-Context", header))).ShouldBe(401);
        }

        // The same with a minute left to live is a gateway's: it was the time, or the one character, that was refused.
        var genuine = Sign(DateTimeOffset.UtcNow.AddMinutes(1));
        (await caller.PostAsync(path, null, ("X-ValidonX-Internal-Context", genuine))).ShouldBe(200);
    }

    [Fact]
    public async Task Each_kind_of_credential_opens_only_its_own_routes()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var nobody = new Caller(stack.Gateways[0], null, null);

        (await tenant.Owner.GetAsync("/v1/admin/tenants")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await stack.Operator.GetAsync("/v1/tenant/licenses")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await tenant.App.GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await tenant.App.GetAsync("/v1/admin/tenants")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await tenant.Owner.ValidateAsync("ANY-LICENSE")).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await nobody.ValidateAsync("ANY-LICENSE")).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await nobody.GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await nobody.GetAsync("/v1/admin/tenants", ("Authorization", "Bearer nonsense"))).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        var bad = tenant.BearerToken[..^1] + (tenant.BearerToken[^1] == 'A' ? 'B' : 'A');
        (await nobody.GetAsync("/v1/tenant/licenses", ("Authorization", $"Bearer {bad}"))).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }

    private static string Sign(TestTenant tenant, string server, string database, DateTimeOffset until) =>
        new CallerContextSigner(Options.Create(new PlatformSecrets { ContextSigningKey = Stack.ContextSigningKey }), TimeProvider.System).Sign(new CallerContext
        {
            Kind = CallerKind.ApiKey,
            CallerId = Guid.CreateVersion7(),
            TenantId = tenant.Id,
            TenantSlug = tenant.Slug,
            TenantPlan = "pro",
            ServerName = server,
            DatabaseName = database,
            Method = "POST",
            Route = "validate",
            ExpiresAt = until.ToUnixTimeSeconds(),
        });

    private static string Forge(string json)
    {
        var payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return $"{payload}.{new string('A', 43)}";
    }
}
