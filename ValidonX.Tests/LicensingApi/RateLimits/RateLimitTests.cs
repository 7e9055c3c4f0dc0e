namespace ValidonX.Tests.LicensingApi.RateLimits;

/// <summary>CONTRACT §6.1, <c>/v1/admin/tenants/{id}/rate-limits</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class RateLimitTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Limits_are_kept_replaced_and_taken_away()
    {
        var tenant = await platform.CreateTenantAsync();
        var path = $"/v1/admin/tenants/{tenant.Id}/rate-limits";
        const string None = """{"key":null,"tenant":null,"endpoint":null}""";
        Assert.Equal(None, (await platform.Operator().GetAsync(path)).ShouldBe(200).Data.ToJsonString());

        const string Some = """{"key":{"requests":10,"period_seconds":1},"tenant":{"requests":500},"endpoint":{"activations":5,"usage":null,"entitlements":7}}""";
        var put = await platform.Operator().PutAsync(path, new { key = new { requests = 10, period_seconds = 1 }, tenant = new { requests = 500 }, endpoint = new { activations = 5, entitlements = 7 } });
        Assert.Equal(Some, put.ShouldBe(200).Data.ToJsonString());
        Assert.Equal(Some, (await platform.Operator(1).GetAsync(path)).ShouldBe(200).Data.ToJsonString());

        Assert.Equal(None, (await platform.Operator().PutAsync(path, new { key = (object?)null })).ShouldBe(200).Data.ToJsonString());
        Assert.Equal(2, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = 'tenant.rate_limits_changed'", new { tenant.Id }));
    }

    [Fact]
    public async Task Bad_limits_and_unknown_tenants_are_refused()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await platform.Operator().PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new { key = new { requests = 0, period_seconds = 100_000 }, tenant = 3, endpoint = new { usage = "x" } }))
            .ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["endpoint.usage", "key.period_seconds", "key.requests", "tenant"], answer.Details.AsObject().Select(field => field.Key));
        (await platform.Operator().PutAsync($"/v1/admin/tenants/{Guid.NewGuid()}/rate-limits", new { })).ShouldBe(404, "TENANT.NOT_FOUND");
        (await platform.Operator().GetAsync("/v1/admin/tenants/nonsense/rate-limits")).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task Plans_are_public()
    {
        var plans = (await platform.Anonymous().GetAsync("/v1/plans")).ShouldBe(200).Data.AsArray();

        Assert.Equal(["starter", "pro", "enterprise"], plans.Select(plan => (string)plan!["code"]!));
        Assert.Equal(4900, (int)plans[1]!["price_cents"]!);
        Assert.Equal(100, (int)plans[0]!["entitlements"]!["licenses.max"]!);
        Assert.Null(plans[2]!["entitlements"]!["licenses.max"]);
        Assert.Null(plans[2]!["price_cents"]);
    }
}
