using System.Globalization;
using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Metrics;

/// <summary>What a tenant's metrics say of the running month's calls.</summary>
[Collection(LicensingCollection.Name)]
public sealed class MonthQuotaTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_tenant_and_operators_see_what_is_used_of_the_months_calls_by_the_limit_that_is_in_force()
    {
        var tenant = await platform.CreateTenantAsync("pro");
        var now = DateTimeOffset.UtcNow;
        await CountAsync(tenant, now, "one", 600);
        await CountAsync(tenant, now, "two", 400);
        await CountAsync(tenant, now.AddMonths(-1), "one", 99_000);

        var month = await MonthAsync(tenant);
        Assert.Equal((1_000, 100_000, 1.0), Of(month));
        Assert.Equal(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero), DateTimeOffset.Parse((string)month["from"]!, CultureInfo.InvariantCulture));
        Assert.Equal(month.ToJsonString(), (await platform.Operator().GetAsync($"/v1/admin/tenants/{tenant.Id}/metrics")).ShouldBe(200).Data["month"]!.ToJsonString());

        (await platform.Operator().PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new { tenant = new { requests = 500 } })).ShouldBe(200);
        Assert.Equal((1_000, 500, 200.0), Of(await MonthAsync(tenant)));
    }

    [Fact]
    public async Task Where_any_number_of_calls_may_be_made_there_is_nothing_to_be_used_up()
    {
        var month = await MonthAsync(await platform.CreateTenantAsync("enterprise"));
        Assert.All((string[])["calls", "quota", "percent"], name => Assert.Null(month[name]));
        Assert.Null((await platform.Operator().GetAsync("/v1/admin/metrics")).ShouldBe(200).Data["month"]);
    }

    private static (long, long, double) Of(JsonNode month) => ((long)month["calls"]!, (long)month["quota"]!, (double)month["percent"]!);

    private static async Task<JsonNode> MonthAsync(LicensedTenant tenant) => (await tenant.Owner.GetAsync("/v1/tenant/metrics")).ShouldBe(200).Data["month"]!;

    /// <summary>As a gateway writes what it has let through.</summary>
    private Task CountAsync(LicensedTenant tenant, DateTimeOffset at, string writer, long used) =>
        platform.ExecuteAsync(
            "INSERT INTO api_call_months (tenant_id, month, writer, used, updated_at) VALUES (@Id, @month, @writer, @used, UTC_TIMESTAMP(6))",
            new { tenant.Id, month = at.ToString("yyyy-MM-01", CultureInfo.InvariantCulture), writer, used });
}
