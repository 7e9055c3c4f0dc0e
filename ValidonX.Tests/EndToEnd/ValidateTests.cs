namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §3, <c>POST /v1/integration/licenses/{licenseKey}/validate</c>, through the gateway, for two tenants.</summary>
public sealed class ValidateTests
{
    [Theory]
    [InlineData("starter")]
    [InlineData("enterprise")]
    public async Task An_active_license_is_valid_with_its_flat_entitlements(string plan)
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync(plan);
        var license = await tenant.CreateLicenseAsync(new
        {
            type = "subscription",
            expires_at = "2099-01-31T10:00:00Z",
            entitlements = new Dictionary<string, object> { ["export.pdf"] = true, ["projects.max"] = 12, ["edition"] = "team" },
        });

        foreach (var prefix in new[] { "/v1", "/api/v1" })
        {
            var answer = (await tenant.App.PostAsync($"{prefix}/integration/licenses/{license.Key}/validate")).ShouldBe(200);
            Assert.True((bool)answer.Data["valid"]!);
            var shown = answer.Data["license"]!;
            Assert.Equal(license.Id.ToString(), (string?)shown["id"]);
            Assert.Equal(license.Key, (string?)shown["key"]);
            Assert.Equal("subscription", (string?)shown["type"]);
            Assert.Equal("active", (string?)shown["status"]);
            Assert.Equal("2099-01-31T10:00:00Z", (string?)shown["expires_at"]);
            Assert.True((bool)shown["entitlements"]!["export.pdf"]!);
            Assert.Equal(12, (int)shown["entitlements"]!["projects.max"]!);
            Assert.Equal("team", (string?)shown["entitlements"]!["edition"]);
        }
    }

    [Fact]
    public async Task An_expired_license_is_answered_with_200_and_not_valid()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { expires_at = "2020-01-01T00:00:00Z" });

        var answer = (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        Assert.False((bool)answer.Data["valid"]!);
        Assert.Equal("expired", (string?)answer.Data["license"]!["status"]);
    }

    [Fact]
    public async Task Within_its_grace_period_an_expired_license_is_still_valid()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var expired = DateTime.UtcNow.AddDays(-2);
        var license = await tenant.CreateLicenseAsync(new { expires_at = $"{expired:yyyy-MM-ddTHH:mm:ss}Z", grace_days = 10 });

        var answer = (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        Assert.True((bool)answer.Data["valid"]!);
        Assert.Equal($"{expired.AddDays(10):yyyy-MM-ddTHH:mm:ss}Z", (string?)answer.Data["license"]!["grace_period_ends_at"]);
    }

    [Fact]
    public async Task A_suspended_license_is_answered_with_200_and_not_valid_and_comes_back_when_reinstated()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/suspend")).ShouldBe(200);
        var suspended = (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);
        Assert.False((bool)suspended.Data["valid"]!);
        Assert.Equal("suspended", (string?)suspended.Data["license"]!["status"]);

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/reinstate")).ShouldBe(200);
        Assert.True((bool)(await tenant.App.ValidateAsync(license.Key)).ShouldBe(200).Data["valid"]!);
    }

    [Fact]
    public async Task A_revoked_license_is_refused()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/revoke")).ShouldBe(200);

        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(403, "LICENSE.REVOKED");
    }

    [Theory]
    [InlineData("NO-SUCH-LICENSE")]
    [InlineData("x")]
    [InlineData("лицензия")]
    [InlineData("a b")]
    [InlineData("' OR 1=1 -- ")]
    public async Task An_unknown_license_is_not_found(string key)
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        (await tenant.App.ValidateAsync(key)).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task License_keys_are_case_sensitive()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        await tenant.CreateLicenseAsync(new { key = "Case-Sensitive-Key" });

        (await tenant.App.ValidateAsync("Case-Sensitive-Key")).ShouldBe(200);
        (await tenant.App.ValidateAsync("CASE-SENSITIVE-KEY")).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task A_license_that_was_unknown_a_moment_ago_is_known_once_it_is_created()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        foreach (var app in tenant.Apps)
        {
            (await app.ValidateAsync("SOON-TO-BE-CREATED")).ShouldBe(404);
            (await app.ValidateAsync("SOON-TO-BE-CREATED")).ShouldBe(404);
        }

        await tenant.CreateLicenseAsync(new { key = "SOON-TO-BE-CREATED" });

        foreach (var app in tenant.Apps)
        {
            (await app.ValidateAsync("SOON-TO-BE-CREATED")).ShouldBe(200);
            (await app.ValidateAsync("SOON-TO-BE-CREATED")).ShouldBe(200);
        }
    }

    [Fact]
    public async Task The_request_id_of_the_caller_is_echoed_when_it_is_sane_and_replaced_when_not()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        var path = $"/v1/integration/licenses/{license.Key}/validate";

        Assert.Equal("trace-4711/a", (await tenant.App.PostAsync(path, null, ("X-Request-ID", "trace-4711/a"))).Header("X-Request-ID"));
        Assert.True(Guid.TryParse((await tenant.App.PostAsync(path, null, ("X-Request-ID", new string('a', 129)))).Header("X-Request-ID"), out _));
        Assert.True(Guid.TryParse((await tenant.App.PostAsync(path, null, ("X-Request-ID", "has a space"))).Header("X-Request-ID"), out _));
    }
}
