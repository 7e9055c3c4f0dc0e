using System.Text.Json.Nodes;
using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.Plans;

/// <summary>Operators' editor of plans, <c>/v1/admin/plans</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class PlanEditorTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_plan_that_is_made_changed_or_deleted_is_so_for_everyone_when_the_call_returns()
    {
        var code = NewCode();
        var made = (await platform.Operator().PostAsync("/v1/admin/plans", Plan(code, price: 1900, isPublic: true))).ShouldBe(201).Data["plan"]!;
        Assert.Equal((1, 0), ((int)made["version"]!, (int)made["tenants"]!));

        Assert.Equal(1900, (int)(await PublicAsync(code))!["price_cents"]!);
        Assert.Equal("""{"activations.max":20,"activations.total":null,"api_calls_monthly":50000,"api_calls_per_minute":600,"licenses.max":1000,"products.max":3,"sso":true,"webhook_endpoints.max":2}""",
            (await PublicAsync(code))!["entitlements"]!.ToJsonString());

        var changed = (await platform.Operator(1).PutAsync($"/v1/admin/plans/{code}", Plan(code, price: 2900, isPublic: true, version: 1))).ShouldBe(200).Data["plan"]!;
        Assert.Equal(2, (int)changed["version"]!);
        Assert.Equal(2900, (int)(await PublicAsync(code))!["price_cents"]!);

        (await platform.Operator().DeleteAsync($"/v1/admin/plans/{code}")).ShouldBe(200);
        Assert.Null(await PublicAsync(code));
        (await platform.Operator(1).GetAsync($"/v1/admin/plans/{code}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Equal(3, await platform.ScalarAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE subject_type = 'plan' AND subject_id = @code", new { code }));
    }

    [Fact]
    public async Task Of_two_operators_with_the_same_version_before_them_one_is_told_to_look_again()
    {
        var code = NewCode();
        (await platform.Operator().PostAsync("/v1/admin/plans", Plan(code))).ShouldBe(201);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => platform.Operator(i % 2).PutAsync($"/v1/admin/plans/{code}", Plan(code, price: 100 + i, version: 1))));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        Assert.Equal(2, (int)(await platform.Operator().GetAsync($"/v1/admin/plans/{code}")).ShouldBe(200).Data["plan"]!["version"]!);
        (await platform.Operator().DeleteAsync($"/v1/admin/plans/{code}")).ShouldBe(200);
    }

    [Fact]
    public async Task A_plan_that_a_tenant_has_stays_and_a_code_is_given_once()
    {
        var code = NewCode();
        (await platform.Operator().PostAsync("/v1/admin/plans", Plan(code))).ShouldBe(201);
        (await platform.Operator().PostAsync("/v1/admin/plans", Plan(code))).ShouldBe(409, "RESOURCE.CONFLICT");
        await platform.CreateTenantAsync(code);

        (await platform.Operator().DeleteAsync($"/v1/admin/plans/{code}")).ShouldBe(409, "RESOURCE.CONFLICT");

        Assert.Equal(1, (int)(await platform.Operator().GetAsync($"/v1/admin/plans/{code}")).ShouldBe(200).Data["plan"]!["tenants"]!);
    }

    [Fact]
    public async Task All_bad_fields_are_told_at_once_and_no_limit_is_left_out_by_mistake()
    {
        var answer = (await platform.Operator().PostAsync("/v1/admin/plans", new
        {
            code = "Not a code",
            name = "",
            price_cents = -1,
            currency = "JPY",
            billing_period = "week",
            trial_days = 400,
            @public = "yes",
            entitlements = new Dictionary<string, object?> { ["products.max"] = true, ["licenses.max"] = -1, ["x"] = "text" },
        })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(
            [
                "billing_period", "code", "currency", "entitlements.activations.max", "entitlements.activations.total", "entitlements.api_calls_monthly",
                "entitlements.api_calls_per_minute", "entitlements.licenses.max", "entitlements.products.max", "entitlements.webhook_endpoints.max", "entitlements.x", "name", "price_cents",
                "public", "trial_days",
            ],
            answer.Details.AsObject().Select(field => field.Key));
        (await platform.Operator().PutAsync("/v1/admin/plans/nothing", Plan("nothing", version: 1))).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await platform.Operator().DeleteAsync("/v1/admin/plans/nothing")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task Calls_that_have_a_price_have_a_quota_because_others_are_not_counted()
    {
        var code = NewCode();
        var plan = Plan(code);
        plan["meters"] = new[] { new { metric = "api_calls", included = 1_000, unit = 100, price_cents = 7 } };
        var unlimited = new Dictionary<string, object?>((Dictionary<string, object?>)plan["entitlements"]!, StringComparer.Ordinal) { ["api_calls_monthly"] = null };

        var refused = (await platform.Operator().PostAsync("/v1/admin/plans", new Dictionary<string, object?>(plan) { ["entitlements"] = unlimited })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["meters"], refused.Details.AsObject().Select(field => field.Key));
        (await platform.Operator().PostAsync("/v1/admin/plans", plan)).ShouldBe(201);
        (await platform.Operator().PutAsync($"/v1/admin/plans/{code}", new Dictionary<string, object?>(plan) { ["entitlements"] = unlimited, ["version"] = 1 })).ShouldBe(422, "VALIDATION.FAILED");
        (await platform.Operator().DeleteAsync($"/v1/admin/plans/{code}")).ShouldBe(200);
    }

    [Fact]
    public async Task Only_operators_edit_plans()
    {
        var tenant = await platform.CreateTenantAsync();

        (await tenant.User(TenantRole.Owner).GetAsync("/v1/admin/plans")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await tenant.User(TenantRole.Owner).PostAsync("/v1/admin/plans", Plan(NewCode()))).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await platform.Anonymous().DeleteAsync("/v1/admin/plans/starter")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
    }

    internal static string NewCode() => $"t-{Guid.NewGuid():N}"[..20];

    internal static Dictionary<string, object?> Plan(string code, long? price = 0, bool isPublic = false, int? version = null, long? licenses = 1000, int trialDays = 0, string period = "month") =>
        new()
        {
            ["code"] = code,
            ["name"] = "Team",
            ["price_cents"] = price,
            ["public"] = isPublic,
            ["position"] = 50,
            ["trial_days"] = trialDays,
            ["billing_period"] = period,
            ["version"] = version,
            ["entitlements"] = new Dictionary<string, object?>
            {
                ["products.max"] = 3,
                ["licenses.max"] = licenses,
                ["activations.total"] = null,
                ["activations.max"] = 20,
                ["api_calls_monthly"] = 50_000,
                ["api_calls_per_minute"] = 600,
                ["webhook_endpoints.max"] = 2,
                ["sso"] = true,
            },
        };

    private async Task<JsonNode?> PublicAsync(string code) =>
        (await Task.WhenAll(Enumerable.Range(0, platform.Replicas.Count).Select(replica => PublicAsync(platform.Anonymous(replica), code)))).DistinctBy(plan => plan?.ToJsonString()).Single();

    private static async Task<JsonNode?> PublicAsync(ApiCaller caller, string code) =>
        (await caller.GetAsync("/v1/plans")).ShouldBe(200).Data.AsArray().SingleOrDefault(plan => (string?)plan!["code"] == code);
}
