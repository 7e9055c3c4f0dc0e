namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §3: entitlements/check, usage/record and licensing/resolve, through the gateway.</summary>
public sealed class UsageAndEntitlementTests
{
    [Fact]
    public async Task Features_and_metered_limits_are_told_with_what_is_used()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new
        {
            entitlements = new Dictionary<string, object> { ["export"] = true, ["beta"] = false, ["api.calls"] = 100, ["tier"] = "gold" },
        });
        (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "api.calls", quantity = 30 })).ShouldBe(202);

        var answer = (await tenant.App.PostAsync("/v1/integration/entitlements/check", new
        {
            license_key = license.Key,
            features = new[] { "export", "beta", "api.calls", "tier", "absent" },
        })).ShouldBe(200).Data["entitlements"]!;

        var features = answer["features"]!;
        Assert.True((bool)features["export"]!["granted"]!);
        Assert.False((bool)features["beta"]!["granted"]!);
        Assert.Equal("gold", (string?)features["tier"]!["value"]);
        Assert.Equal(100, (int)features["api.calls"]!["value"]!);
        Assert.False((bool)features["absent"]!["granted"]!);
        Assert.Null(features["absent"]!["value"]);
        var limit = answer["limits"]!["api.calls"]!;
        Assert.Equal(100, (int)limit["limit"]!);
        Assert.Equal("metered", (string?)limit["type"]);
        Assert.Equal(30, (int)limit["used"]!);
        Assert.Equal(70, (int)limit["remaining"]!);
        Assert.Null(answer["limits"]!["export"]);
    }

    [Fact]
    public async Task Usage_with_the_same_idempotency_key_counts_once()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["jobs"] = 1000 } });
        var body = new { license_key = license.Key, metric = "jobs", quantity = 7 };

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            tenant.Apps[i % 2].PostAsync("/v1/integration/usage/record", body, ("Idempotency-Key", "batch-1"))));

        // A call that meets the first while it is running may be told so; none counts twice.
        Assert.All(answers, answer => Assert.True(answer.Status == 202 || answer.Code == "IDEMPOTENCY.IN_PROGRESS", answer.ToString()));
        Assert.Single(answers.Where(answer => answer.Status == 202).Select(answer => (string)answer.Data["usage_event"]!["id"]!).Distinct());
        var replay = (await tenant.App.PostAsync("/v1/integration/usage/record", body, ("X-Idempotency-Key", "batch-1"))).ShouldBe(202);
        Assert.Equal("true", replay.Header("Idempotency-Replayed"));
        (await tenant.App.PostAsync("/v1/integration/usage/record", body with { quantity = 8 }, ("Idempotency-Key", "batch-1")))
            .ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        Assert.Equal(7, await UsedAsync(tenant, license, "jobs"));
    }

    [Fact]
    public async Task A_hard_limit_is_never_passed_by_concurrent_calls()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new
        {
            entitlements = new Dictionary<string, object> { ["renders"] = new { limit = 10, hard = true } },
        });

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            tenant.Apps[i % 2].PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "renders", quantity = 1 })));

        Assert.Equal(10, answers.Count(answer => answer.Status == 202));
        Assert.All(answers.Where(answer => answer.Status != 202), answer => answer.ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED"));
        Assert.Equal(10, await UsedAsync(tenant, license, "renders"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(1.5)]
    [InlineData("3")]
    public async Task A_quantity_that_is_no_positive_whole_number_is_refused(object quantity)
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        var answer = await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "m", quantity });

        Assert.NotEmpty(answer.ShouldBe(422, "VALIDATION.FAILED").Details["quantity"]!.AsArray());
    }

    [Fact]
    public async Task Resolve_tells_status_and_allowed_features()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["a"] = true, ["b"] = false, ["c"] = 3 } });
        var expired = await tenant.CreateLicenseAsync(new { expires_at = "2020-01-01T00:00:00Z" });
        var revoked = await tenant.CreateLicenseAsync();
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{revoked.Id}/revoke")).ShouldBe(200);

        var answer = (await tenant.App.PostAsync("/v1/integration/licensing/resolve", new { license_key = license.Key, features = new[] { "a", "b", "x" } })).ShouldBe(200);
        Assert.True((bool)answer.Data["valid"]!);
        Assert.Equal("active", (string?)answer.Data["status"]);
        Assert.Equal(["a"], answer.Data["allowed_features"]!.AsArray().Select(feature => (string)feature!));
        Assert.Equal(license.Key, (string?)answer.Data["license"]!["key"]);

        var old = (await tenant.App.PostAsync("/v1/integration/licensing/resolve", new { license_key = expired.Key })).ShouldBe(200);
        Assert.False((bool)old.Data["valid"]!);
        Assert.Equal("expired", (string?)old.Data["status"]);

        (await tenant.App.PostAsync("/v1/integration/licensing/resolve", new { license_key = revoked.Key })).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.PostAsync("/v1/integration/licensing/resolve", new { license_key = "NO-SUCH" })).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task Unknown_licenses_and_bad_fields_are_told_apart()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        (await tenant.App.PostAsync("/v1/integration/entitlements/check", new { license_key = "NO-SUCH", features = new[] { "a" } })).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = "NO-SUCH", metric = "m", quantity = 1 })).ShouldBe(404, "LICENSE.NOT_FOUND");
        var check = (await tenant.App.PostAsync("/v1/integration/entitlements/check", new { features = Array.Empty<string>() })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.NotNull(check.Details["license_key"]);
        Assert.NotNull(check.Details["features"]);
        var usage = (await tenant.App.PostAsync("/v1/integration/usage/record", new { metadata = 3 })).ShouldBe(422, "VALIDATION.FAILED");
        foreach (var field in new[] { "license_key", "metric", "quantity", "metadata" })
        {
            Assert.NotNull(usage.Details[field]);
        }
    }

    private static async Task<int> UsedAsync(TestTenant tenant, TestLicense license, string code) =>
        (int)(await tenant.App.PostAsync("/v1/integration/entitlements/check", new { license_key = license.Key, features = new[] { code } }))
            .ShouldBe(200).Data["entitlements"]!["limits"]![code]!["used"]!;
}
