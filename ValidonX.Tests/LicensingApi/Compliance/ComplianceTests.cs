using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Compliance;

/// <summary>Rules about where data may lie are checked where a tenant is placed.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ComplianceTests(LicensingPlatform platform)
{
    private const string Path = "/v1/admin/compliance-rules";

    [Fact]
    public async Task A_tenant_is_placed_only_where_every_rule_that_it_is_under_allows()
    {
        var (inside, outside) = (await RuleAsync("local", "eu"), await RuleAsync("eu"));

        var refused = (await SignUpAsync(inside, outside)).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal($"The region 'local' is not allowed by: {outside}.", (string?)refused.Details["compliance"]![0]);
        (await SignUpAsync(inside, "nonsense")).ShouldBe(422, "VALIDATION.FAILED");
        var id = (string)(await SignUpAsync(inside)).ShouldBe(202).Data["tenant"]!["id"]!;

        var compliance = (await platform.Operator().GetAsync($"/v1/admin/tenants/{id}/compliance")).ShouldBe(200).Data;
        Assert.Equal(("local", true, inside), ((string)compliance["region"]!, (bool)compliance["compliant"]!, (string)Assert.Single(compliance["rules"]!.AsArray())!["code"]!));
        (await platform.Operator().DeleteAsync($"{Path}/{inside}")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await platform.Operator().PutAsync($"/v1/admin/tenants/{id}/compliance", new { rules = new[] { outside } })).ShouldBe(422, "VALIDATION.FAILED");

        var narrowed = (await platform.Operator().PutAsync($"{Path}/{inside}", new { name = "Narrower", allowed_regions = new[] { "eu" } })).ShouldBe(200).Data;
        Assert.Equal((1L, 1L), ((long)narrowed["tenants"]!, (long)narrowed["violations"]!));
        Assert.False((bool)(await platform.Operator().GetAsync($"/v1/admin/tenants/{id}/compliance")).Data["compliant"]!);
        (await platform.Operator().PutAsync($"/v1/admin/tenants/{id}/compliance", new { rules = Array.Empty<string>() })).ShouldBe(200);
        (await platform.Operator().DeleteAsync($"{Path}/{inside}")).ShouldBe(200);
        (await platform.Operator().GetAsync($"{Path}/{inside}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        var entries = (await platform.Operator().GetAsync($"/v1/admin/audit-logs?tenant_id={id}&action=tenant.compliance_changed")).ShouldBe(200).Data.AsArray();
        Assert.Single(entries);
    }

    [Fact]
    public async Task A_tenant_sees_what_it_is_under_and_changes_nothing_of_it()
    {
        var tenant = await platform.CreateTenantAsync();
        var rule = await RuleAsync("local");
        (await platform.Operator().PutAsync($"/v1/admin/tenants/{tenant.Id}/compliance", new { rules = new[] { rule, rule } })).ShouldBe(200);

        var own = (await tenant.User(TenantRole.Viewer).GetAsync("/v1/tenant/compliance")).ShouldBe(200).Data;

        Assert.Equal("""["local"]""", own["rules"]![0]!["allowed_regions"]!.ToJsonString());
        (await tenant.Owner.PutAsync($"{Path}/{rule}", new { name = "x", allowed_regions = new[] { "us" } })).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await platform.Operator().PutAsync($"/v1/admin/tenants/{Guid.NewGuid()}/compliance", new { rules = new[] { rule } })).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task Bad_rules_are_told_all_at_once()
    {
        var answer = (await platform.Operator().PutAsync($"{Path}/r", new { allowed_regions = new[] { "E U" } })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["allowed_regions", "name"], answer.Details.AsObject().Select(field => field.Key));
        (await platform.Operator().PutAsync($"{Path}/r", new { name = "x", allowed_regions = Array.Empty<string>() })).ShouldBe(422, "VALIDATION.FAILED");
        (await platform.Operator().PutAsync($"{Path}/UPPER", new { name = "x", allowed_regions = new[] { "eu" } })).ShouldBe(422, "VALIDATION.FAILED");
        (await platform.Operator().DeleteAsync($"{Path}/UPPER")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    private async Task<string> RuleAsync(params string[] regions)
    {
        var code = $"rule-{Guid.NewGuid():N}";
        (await platform.Operator().PutAsync($"{Path}/{code}", new { name = "A rule", allowed_regions = regions })).ShouldBe(200);
        return code;
    }

    private Task<Answer> SignUpAsync(params string[] rules) =>
        platform.Operator().PostAsync("/v1/admin/tenants", new { name = $"T {Guid.NewGuid():N}", compliance = rules, owner = new { email = $"{Guid.NewGuid():N}@x.example" } });
}
