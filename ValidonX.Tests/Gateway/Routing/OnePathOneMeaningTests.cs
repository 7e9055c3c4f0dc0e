using FsCheck;
using FsCheck.Fluent;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.LicensingApi;

namespace ValidonX.Tests.Gateway.Routing;

/// <summary>What the gateway judged is what the licensing API does, through both real servers, or nothing is done.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OnePathOneMeaningTests(LicensingPlatform platform) : IAsyncLifetime
{
    private const int Cases = 500;

    private static readonly (string Method, string Target)[] Routes =
    [
        ("POST", "/v1/integration/licenses/ABCD-EFGH/validate"), ("POST", "/v1/integration/licenses/a%2Fb%25/validate"),
        ("POST", "/v1/integration/activations"), ("POST", "/v1/integration/activations/0198c0de-0000-7000-8000-000000000000/validate"),
        ("POST", "/v1/integration/activations/0198c0de-0000-7000-8000-000000000000/heartbeat"), ("DELETE", "/v1/integration/activations/0198c0de-0000-7000-8000-000000000000"),
        ("POST", "/v1/integration/usage/record"), ("POST", "/v1/integration/entitlements/check"), ("POST", "/v1/integration/licensing/resolve"),
        ("GET", "/v1/tenant/licenses"), ("GET", "/v1/tenant/products/0198c0de-0000-7000-8000-000000000000"), ("POST", "/v1/tenant/api-keys"),
        ("GET", "/v1/admin/tenants?limit=1"), ("POST", "/v1/admin/tenants/0198c0de-0000-7000-8000-000000000000/suspend"),
        ("POST", "/auth/login"), ("GET", "/auth/me"), ("GET", "/v1/plans"), ("GET", "/v1/account/profile"),
    ];

    private static readonly string[] Insertions =
    [
        "/", "//", "/.", "/..", "/./", "/../", "/x/..", "%2e", "%2E%2E", "/%2e%2e/", "%252e%252e/", "%2F", "%2f", "%252F", "%5C", "%5c", "\\", ";x=1", ".", "..",
        "%00", "%09", "%0A", "%C0%AF", "%ff", "%E0%80%AF", "%", "%u002f", "+", "?", "?x=/../", "#x", "\t", "\u00e9", "/auth/login", "/v1/", "/api", ":", "@", "~", "*",
    ];

    private BothServers _servers = null!;
    private string[] _credentials = [];

    public async ValueTask InitializeAsync()
    {
        _servers = await BothServers.StartAsync(platform);
        var tenant = await platform.CreateTenantAsync();
        var key = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "all" })).ShouldBe(201).Data["key"]!;
        var user = await OwnerAsync(tenant.Id);
        var admin = await BothServers.TokenAsync(platform, TokenOwners.Admin, Guid.CreateVersion7(), Abilities.Admin);
        _credentials = [$"X-API-Key: {key}\r\nAuthorization: Bearer {user}", $"X-API-Key: {key}\r\nAuthorization: Bearer {admin}"];
    }

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Fact]
    public async Task However_a_target_is_spelled_both_servers_agree_on_it()
    {
        var mutation =
            from kind in Gen.Choose(0, 5)
            from at in Gen.Choose(0, 200)
            from text in Gen.Elements(Insertions)
            select (kind, at, text);
        var requests =
            from route in Gen.Elements(Routes)
            from credential in Gen.Choose(0, 1)
            from method in Gen.Frequency((12, Gen.Constant(route.Method)), (1, Gen.Elements("get", "Post", "HEAD", "PUT", "OPTIONS")))
            from mutations in Gen.Choose(0, 3).SelectMany(count => mutation.ArrayOf(count))
            select (method, target: mutations.Aggregate(route.Target, Mutate), credential);
        var seen = 0;

        var property = Prop.ForAll(requests.ToArbitrary(), request =>
        {
            var (status, head, _, reading) = _servers.SendAsync(request.method, request.target, _credentials[request.credential]).GetAwaiter().GetResult();
            Check(request.method, request.target, status, head, reading);
            seen += reading is null ? 0 : 1;
        });
        await Task.Run(() => FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), property), TestContext.Current.CancellationToken);

        // A gateway that refused everything would agree with anybody.
        Assert.InRange(seen, Cases / 10, Cases);
    }

    [Theory]
    [InlineData("POST", "/api/%761/plans/%252e%252e/%252e%252e/auth/login")]
    [InlineData("GET", "/api/%761/account/%252e%252e/tenant/licenses")]
    [InlineData("POST", "/v1/integration/activations/")]
    [InlineData("POST", "/v1/integration/Activations")]
    [InlineData("POST", "/v1/integration/usage/record/")]
    [InlineData("POST", "/v1/integration//activations")]
    [InlineData("POST", "/v1/integration/%61ctivations")]
    [InlineData("POST", "/v1/integration/licenses/x/../../activations")]
    [InlineData("POST", "/v1/integration/licenses/x/%2e%2e/%2e%2e/activations")]
    [InlineData("POST", "/v1/plans/../../auth/login")]
    [InlineData("POST", "/Auth/Login")]
    [InlineData("POST", "/auth\\login")]
    [InlineData("GET", "/%68ealth")]
    [InlineData("POST", "//auth/login")]
    [InlineData("POST", "http://elsewhere/auth/login")]
    [InlineData("GET", "/v1/tenant%2Flicenses")]
    [InlineData("GET", "/v1/account/..%2Ftenant/licenses")]
    [InlineData("GET", "/v1/account/..;/tenant/licenses")]
    public async Task Another_spelling_of_a_route_is_no_route(string method, string target)
    {
        var (status, _, body, reading) = await _servers.SendAsync(method, target, _credentials[0]);

        Assert.Equal(404, status);
        Assert.Contains("ROUTE.NOT_FOUND", body, StringComparison.Ordinal);
        Assert.Null(reading);
    }

    [Theory]
    [InlineData("post")]
    [InlineData("Post")]
    public async Task A_method_in_other_letters_is_another_method(string method)
    {
        var (status, _, body, reading) = await _servers.SendAsync(method, "/auth/login");

        Assert.Equal(405, status);
        Assert.Contains("ROUTE.METHOD_NOT_ALLOWED", body, StringComparison.Ordinal);
        Assert.Null(reading);
    }

    [Theory]
    [InlineData("a/b/c/d")]
    [InlineData("100%-off")]
    [InlineData("what?#+&=key")]
    [InlineData("%2F%2e%2E%25")]
    [InlineData("../../admin/tenants")]
    [InlineData("KEY/validate")]
    [InlineData("\"<back\\slash>^`{|}")]
    [InlineData("......")]
    public async Task A_license_key_of_any_visible_characters_works_through_both_servers(string key)
    {
        var tenant = await platform.CreateTenantAsync();
        var apiKey = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "all" })).ShouldBe(201).Data["key"]!;
        var (id, _) = await tenant.CreateLicenseAsync(new { key });

        foreach (var alias in new[] { "", "/api" })
        {
            var (status, _, body, _) = await _servers.SendAsync("POST", $"{alias}/v1/integration/licenses/{Uri.EscapeDataString(key)}/validate", $"X-API-Key: {apiKey}");
            Assert.True(status == 200 && body.Contains(id.ToString(), StringComparison.Ordinal), $"{status} {body}");
        }

        (await tenant.App.ActivateAsync(key, "one")).ShouldBe(201);
        var found = (await tenant.Owner.GetAsync($"/v1/tenant/licenses?search={Uri.EscapeDataString(key)}")).ShouldBe(200).Data.AsArray();
        Assert.Equal(key, (string?)Assert.Single(found)!["key"]);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a b-cdef")]
    [InlineData("schl\u00fcssel")]
    public async Task A_license_key_that_no_path_could_hold_is_refused_when_it_is_made(string key)
    {
        var tenant = await platform.CreateTenantAsync();

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { key })).ShouldBe(422, "VALIDATION.FAILED");
    }

    private static void Check(string method, string target, int status, string head, BothServers.Reading? reading)
    {
        if (reading is null)
        {
            Assert.InRange(status, 400, 499);
            return;
        }

        Assert.Equal(method, reading.Method);
        Assert.EndsWith(reading.Target, target, StringComparison.Ordinal);
        Assert.Contains(target[..^reading.Target.Length], new[] { "", "/api", "http://x", "http://x/api" });
        Assert.True(reading.IsSpelledAsThePattern, $"{reading.Target} is not {reading.Pattern}");
        if (reading.Pattern is { } pattern)
        {
            Assert.Equal(MeaningOf(pattern.TrimEnd('/')), reading.JudgedAs);
            var hasQuota = pattern is "/v1/integration/activations" or "/v1/integration/activations/{id}" or "/v1/integration/activations/{id}/heartbeat"
                or "/v1/integration/usage/record" or "/v1/integration/entitlements/check";
            Assert.Equal(hasQuota, head.Contains("\"endpoint\"", StringComparison.Ordinal));
        }
    }

    /// <summary>The contract's own words on each endpoint, apart from the product's table.</summary>
    private static string MeaningOf(string pattern) =>
        pattern switch
        {
            "/v1/integration/licenses/{licenseKey}/validate" => "validate",
            "/v1/integration/activations" => "activate",
            "/v1/integration/activations/{id}/validate" => "validate-activation",
            "/v1/integration/activations/{id}/heartbeat" => "heartbeat",
            "/v1/integration/activations/{id}" => "release",
            "/v1/integration/usage/record" => "usage",
            "/v1/integration/entitlements/check" => "entitlements",
            "/v1/integration/licensing/resolve" => "resolve",
            "/auth/login" or "/v1/auth/login" => "login",
            "/v1/plans" => "public",
            _ when pattern.StartsWith("/v1/tenant/", StringComparison.Ordinal) => "tenant",
            _ when pattern.StartsWith("/v1/account", StringComparison.Ordinal) => "account",
            _ when pattern.StartsWith("/v1/admin/", StringComparison.Ordinal) || pattern.StartsWith("/auth/", StringComparison.Ordinal) => "operator",
            _ => pattern,
        };

    private static string Mutate(string target, (int Kind, int At, string Text) how)
    {
        var at = how.At % (target.Length + 1);
        var c = target.Length == 0 ? 'x' : target[Math.Min(at, target.Length - 1)];
        var rest = target[Math.Min(at + 1, target.Length)..];
        return how.Kind switch
        {
            0 => target[..at] + how.Text + target[at..],
            1 => $"{target[..at]}%{(int)c:X2}{rest}",
            2 => $"{target[..at]}%{(int)c:x2}{rest}",
            3 => target[..at] + (char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)) + rest,
            4 => target + how.Text,
            _ => how.At switch { < 50 => "/api" + target, < 100 => "http://x" + target, < 150 => "http://y" + target, _ => target.Replace("/", how.Text, StringComparison.Ordinal) },
        };
    }

    private async Task<string> OwnerAsync(Guid tenant)
    {
        var user = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            "INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@user, @email, 'U', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            new { user, email = $"{user:N}@example.com" });
        await platform.ExecuteAsync(
            "INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@tenant, @user, 'owner', UTC_TIMESTAMP(6))",
            new { tenant, user });
        return await BothServers.TokenAsync(platform, TokenOwners.User, user, Abilities.Tenant);
    }
}
