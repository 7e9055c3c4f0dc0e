using System.Text.Json.Nodes;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §10: what callers of a tenant experience, told to the tenant and to operators.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task A_tenant_sees_its_own_calls_whichever_gateway_they_came_to_and_no_others()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var neighbor = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        for (var i = 0; i < 10; i++)
        {
            (await tenant.Apps[i % tenant.Apps.Count].ValidateAsync(license.Key)).ShouldBe(200);
        }

        JsonNode shown = null!;
        await Until.TrueAsync(
            async () =>
            {
                shown = (await tenant.Owner.GetAsync("/v1/tenant/metrics?step=60")).ShouldBe(200).Data;
                return Validations() is { } found && (long)found["requests"]! == 10 && shown["series"]!["database_ms"]!.AsArray().Any(value => (double)value!["value"]! > 0);
            },
            "what was called a moment ago is in the metrics");

        Assert.Equal(0, (long)Validations()!["errors"]!);
        Assert.Equal(0, (long)shown["totals"]!["refused"]!);
        Assert.InRange((double)shown["totals"]!["p95_ms"]!, 0.01, 60_000);
        Assert.Equal((long)shown["totals"]!["requests"]!, shown["series"]!["requests"]!.AsArray().Sum(value => (long)value!["value"]!));
        var ofOperators = (await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}/metrics")).ShouldBe(200).Data;
        Assert.True((long)ofOperators["totals"]!["requests"]! >= 11);
        var ofAll = (await stack.Operator.GetAsync("/v1/admin/metrics")).ShouldBe(200).Data;
        Assert.True((long)ofAll["totals"]!["requests"]! >= 11);
        Assert.DoesNotContain(
            "/v1/integration/licenses/{licenseKey}/validate",
            (await neighbor.Owner.GetAsync("/v1/tenant/metrics")).ShouldBe(200).Data["endpoints"]!.AsArray().Select(endpoint => (string?)endpoint!["route"]));

        JsonNode? Validations() => shown["endpoints"]!.AsArray().SingleOrDefault(endpoint => (string?)endpoint!["route"] == "/v1/integration/licenses/{licenseKey}/validate");
    }

    [Fact]
    public async Task Hours_are_told_of_the_running_one_too()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        (await tenant.App.ValidateAsync("NO-SUCH-LICENSE")).ShouldBe(404);

        await Until.TrueAsync(async () =>
            (long)(await tenant.Owner.GetAsync("/v1/tenant/metrics?step=3600")).ShouldBe(200).Data["totals"]!["requests"]! >= 1);
    }

    [Theory]
    [InlineData("step=59", "step")]
    [InlineData("step=120&from=soon", "from")]
    [InlineData("step=420", "step")]
    [InlineData("step=18000", "step")]
    [InlineData("step=60&from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z", "step")]
    [InlineData("step=3600&from=2000-01-01T00:00:00Z", "step")]
    [InlineData("from=2999-01-01T00:00:00Z", "from")]
    [InlineData("to=2999-01-01T00:00:00Z", "to")]
    public async Task What_cannot_be_shown_is_refused(string query, string field)
    {
        var stack = await Stack.GetAsync();

        var refused = (await stack.Operator.GetAsync($"/v1/admin/metrics?{query}")).ShouldBe(422, "VALIDATION.FAILED");

        Assert.NotNull(refused.Details[field]);
    }

    [Fact]
    public async Task Nobody_is_no_tenant()
    {
        var stack = await Stack.GetAsync();

        (await stack.Operator.GetAsync($"/v1/admin/tenants/{Guid.Empty}/metrics")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await stack.Operator.GetAsync("/v1/admin/tenants/nobody/metrics")).ShouldBe(404, "TENANT.NOT_FOUND");
    }
}
