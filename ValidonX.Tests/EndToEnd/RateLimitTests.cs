using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §4: the layers, their headers and their refusals, over both gateways.</summary>
public sealed partial class RateLimitTests
{
    [Fact]
    public async Task The_key_layer_admits_its_quota_over_both_gateways_and_not_one_more()
    {
        var (tenant, license) = await LimitedAsync(new { key = new { requests = 20, period_seconds = 3600 } });

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => tenant.Apps[i % 2].ValidateAsync(license.Key)));

        // Never above; and what a replica still holds in reserve reaches the caller within moments.
        Assert.InRange(answers.Count(answer => answer.Status == 200), 1, 20);
        var admitted = answers.Count(answer => answer.Status == 200);
        await Until.TrueAsync(
            async () =>
            {
                foreach (var app in tenant.Apps)
                {
                    admitted += (await app.ValidateAsync(license.Key)).Status == 200 ? 1 : 0;
                }

                return admitted == 20;
            },
            "the whole quota is used");

        foreach (var app in tenant.Apps)
        {
            var refused = (await app.ValidateAsync(license.Key)).ShouldBe(429, "RATE_LIMIT.EXCEEDED");
            Assert.Equal("key", (string?)refused.Details["policy"]);
            Assert.Equal(20, (int)refused.Details["limit"]!);
            Assert.Equal(0, (int)refused.Details["remaining"]!);
            var reset = (int)refused.Details["reset"]!;
            Assert.InRange(reset, 1, 3600);
            Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), reset, reset + 1);
            Assert.Equal("0", refused.Header("X-RateLimit-Remaining"));
        }
    }

    [Fact]
    public async Task The_tenant_layer_limits_the_calendar_month_over_all_keys()
    {
        var (tenant, license) = await LimitedAsync(new { tenant = new { requests = 10 } });
        var second = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "second" })).ShouldBe(201).Data["key"]!;
        Caller[] apps = [tenant.Apps[0], new Caller(tenant.Apps[1].Http, null, second)];

        var admitted = 0;
        await Until.TrueAsync(
            async () =>
            {
                admitted += (await Task.WhenAll(apps.Select(app => app.ValidateAsync(license.Key)))).Count(answer => answer.Status == 200);
                return admitted >= 10;
            },
            "the whole quota is used");

        Assert.Equal(10, admitted);
        foreach (var app in apps)
        {
            var refused = (await app.ValidateAsync(license.Key)).ShouldBe(429, "RATE_LIMIT.EXCEEDED");
            Assert.Equal("tenant", (string?)refused.Details["policy"]);
        }
    }

    [Fact]
    public async Task The_endpoint_layer_limits_one_endpoint_and_costs_the_others_nothing()
    {
        var (tenant, license) = await LimitedAsync(new { endpoint = new { activations = 3 } });

        var admitted = 0;
        await Until.TrueAsync(
            async () =>
            {
                var answer = await tenant.App.ActivateAsync(license.Key, "device");
                admitted += answer.Status is 200 or 201 ? 1 : 0;
                return answer.Status == 429;
            },
            "the endpoint's quota is used");

        Assert.InRange(admitted, 1, 3);
        var before = Remaining(await tenant.App.ValidateAsync(license.Key), "key");
        for (var i = 0; i < 5; i++)
        {
            var refused = (await tenant.App.ActivateAsync(license.Key, "device")).ShouldBe(429, "RATE_LIMIT.EXCEEDED");
            Assert.Equal("endpoint", (string?)refused.Details["policy"]);
        }

        // One unit for the call in between and one for this: the five refusals cost nothing.
        Assert.InRange(before - Remaining(await tenant.App.ValidateAsync(license.Key), "key"), 0, 2);
        (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "m", quantity = 1 })).ShouldBe(202);
    }

    [Fact]
    public async Task Good_answers_carry_the_limit_headers_of_both_schools()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync("pro");
        var license = await tenant.CreateLicenseAsync();

        var answer = (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        Assert.Matches(@"^""key"";q=1200;w=60, ""tenant"";q=100000;w=\d+$", answer.Header("RateLimit-Policy"));
        Assert.Matches(@"^""(key|tenant)"";r=\d+;t=\d+", answer.Header("RateLimit"));
        Assert.Contains(answer.Header("X-RateLimit-Limit"), new[] { "1200", "100000" });
        Assert.InRange(int.Parse(answer.Header("X-RateLimit-Remaining")!, CultureInfo.InvariantCulture), 0, 100000);
        Assert.InRange(
            long.Parse(answer.Header("X-RateLimit-Reset")!, CultureInfo.InvariantCulture),
            DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5,
            DateTimeOffset.UtcNow.AddDays(32).ToUnixTimeSeconds());
    }

    [Fact]
    public async Task An_unlimited_plan_has_no_tenant_layer()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync("enterprise");
        var license = await tenant.CreateLicenseAsync();

        Assert.Equal("\"key\";q=12000;w=60", (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200).Header("RateLimit-Policy"));
    }

    [Fact]
    public async Task A_refusal_comes_as_problem_json_when_the_caller_asks_for_it()
    {
        var (tenant, license) = await LimitedAsync(new { key = new { requests = 1, period_seconds = 3600 } });
        await Until.TrueAsync(async () => (await tenant.App.ValidateAsync(license.Key)).Status == 429, "the quota is used");

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/integration/licenses/{license.Key}/validate");
        request.Headers.Add("X-API-Key", tenant.ApiKey);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/problem+json"));
        using var response = await tenant.App.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.EndsWith("quota-exceeded", (string)problem["type"]!, StringComparison.Ordinal);
        Assert.Contains("key", problem["violated-policies"]!.AsArray().Select(policy => (string)policy!));
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task One_tenants_refusals_leave_another_tenant_alone()
    {
        var stack = await Stack.GetAsync();
        var (noisy, noisyLicense) = await LimitedAsync(new { key = new { requests = 1, period_seconds = 3600 } });
        var quiet = await stack.CreateTenantAsync();
        var license = await quiet.CreateLicenseAsync();

        var flood = Task.WhenAll(Enumerable.Range(0, 200).Select(_ => noisy.App.ValidateAsync(noisyLicense.Key)));
        for (var i = 0; i < 20; i++)
        {
            (await quiet.App.ValidateAsync(license.Key)).ShouldBe(200);
        }

        Assert.InRange((await flood).Count(answer => answer.Status == 200), 0, 1);
    }

    [Fact]
    public async Task Login_is_locked_after_five_tries_for_that_address_only()
    {
        var stack = await Stack.GetAsync();
        var nobody = new Caller(stack.Gateways[0], null, null);
        var answers = new List<Answer>();
        long minute;
        do
        {
            // Tries on both sides of a minute's end count in two windows.
            minute = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60;
            answers.Clear();
            var email = $"guess-{Guid.NewGuid():N}@validonx.local";
            for (var i = 0; i < 7; i++)
            {
                answers.Add(await new Caller(stack.Gateways[i % 2], null, null).PostAsync("/auth/login", new { email, password = $"wrong-{i}" }));
            }
        }
        while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60 != minute);

        Assert.InRange(answers.Count(answer => answer.Status == 401), 1, 5);
        var locked = answers[^1].ShouldBe(429, "AUTH.ACCOUNT_LOCKED");
        Assert.NotNull(locked.Header("Retry-After"));
        (await nobody.PostAsync("/auth/login", new { email = $"other-{Guid.NewGuid():N}@validonx.local", password = "wrong" }))
            .ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task A_changed_limit_is_in_force_on_every_gateway_before_the_call_returns()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync("pro");
        var license = await tenant.CreateLicenseAsync();
        foreach (var app in tenant.Apps)
        {
            Assert.StartsWith("\"key\";q=1200;w=60", (await app.ValidateAsync(license.Key)).ShouldBe(200).Header("RateLimit-Policy"), StringComparison.Ordinal);
        }

        await LimitAsync(tenant, new { key = new { requests = 77, period_seconds = 30 } });
        foreach (var app in tenant.Apps)
        {
            Assert.StartsWith("\"key\";q=77;w=30", (await app.ValidateAsync(license.Key)).ShouldBe(200).Header("RateLimit-Policy"), StringComparison.Ordinal);
        }

        await LimitAsync(tenant, new { key = (object?)null });
        foreach (var app in tenant.Apps)
        {
            Assert.StartsWith("\"key\";q=1200;w=60", (await app.ValidateAsync(license.Key)).ShouldBe(200).Header("RateLimit-Policy"), StringComparison.Ordinal);
        }
    }

    private static async Task<(TestTenant Tenant, TestLicense License)> LimitedAsync(object limits)
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync("pro");
        var license = await tenant.CreateLicenseAsync();
        await LimitAsync(tenant, limits);
        return (tenant, license);
    }

    private static async Task LimitAsync(TestTenant tenant, object limits) =>
        (await (await Stack.GetAsync()).Operator.PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", limits)).ShouldBe(200);

    private static int Remaining(Answer answer, string policy) =>
        int.Parse(
            RemainingPattern().Matches(answer.Header("RateLimit")!).First(match => match.Groups[1].Value == policy).Groups[2].Value,
            CultureInfo.InvariantCulture);

    [GeneratedRegex("\"(\\w+)\";r=(\\d+)")]
    private static partial Regex RemainingPattern();
}
