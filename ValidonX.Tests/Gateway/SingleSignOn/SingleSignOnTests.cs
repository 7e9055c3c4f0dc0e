using System.Diagnostics;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi;
using ValidonX.Tests.LicensingApi.Accounts;

namespace ValidonX.Tests.Gateway.SingleSignOn;

/// <summary>CONTRACT §9: tokens of a tenant's issuer, from a real provider through a real gateway to a real licensing API.</summary>
[Collection(LicensingCollection.Name)]
public sealed class SingleSignOnTests(SsoServers servers) : IClassFixture<SsoServers>, IAsyncLifetime
{
    private const string Products = "/v1/tenant/products";

    private OpenIdProvider _provider = null!;

    public async ValueTask InitializeAsync()
    {
        servers.Clock.Now = DateTimeOffset.UtcNow;
        _provider = await OpenIdProvider.StartAsync();
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task A_token_opens_the_tenant_of_its_issuer_and_audience_and_no_other_and_makes_one_user()
    {
        var (tenant, sibling, stranger) = (await servers.TenantAsync(), await servers.TenantAsync(), await servers.TenantAsync());
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        (await sibling.ConfigureAsync(_provider.Issuer, "another-client")).ShouldBe(200);
        var caller = servers.With(await FreshTokenAsync("validonx", "alice"));

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => caller.GetAsync(Products))), answer => answer.ShouldBe(200));
        (await caller.GetAsync(Products, ("X-Tenant-ID", tenant.Id.ToString()))).ShouldBe(200);
        foreach (var other in new[] { sibling, stranger })
        {
            (await caller.GetAsync(Products, ("X-Tenant-ID", other.Id.ToString()))).ShouldBe(404, "TENANT.NOT_FOUND");
        }

        (await caller.PostAsync(Products, new { name = "x", code = "x" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await caller.GetAsync("/v1/admin/tenants")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        var profile = (await caller.GetAsync("/v1/account/profile")).ShouldBe(200);
        Assert.Equal("Name of alice", (string?)profile.Data["user"]!["name"]);
        Assert.Equal((1L, "viewer", 0L), (await tenant.SignedOnMembersAsync(), await tenant.RoleAsync(), await sibling.SignedOnMembersAsync()));
    }

    [Fact]
    public async Task An_address_in_a_token_finds_nobodys_account()
    {
        var victim = await TestUser.CreateAsync(servers.Platform);
        var home = await servers.TenantAsync();
        await victim.JoinAsync(home.Id, "owner");
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        var caller = servers.With(await FreshTokenAsync("validonx", victim.Id.ToString(), victim.Email));

        (await caller.GetAsync(Products)).ShouldBe(200);

        (await caller.GetAsync(Products, ("X-Tenant-ID", home.Id.ToString()))).ShouldBe(404, "TENANT.NOT_FOUND");
        var profile = (await caller.GetAsync("/v1/account/profile")).ShouldBe(200).Data["user"]!;
        Assert.NotEqual((victim.Id.ToString(), victim.Email), ((string?)profile["id"], (string?)profile["email"]));
        Assert.EndsWith("@sso.invalid", (string?)profile["email"]);
        Assert.Equal(1, await servers.Platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE user_id = @Id", new { victim.Id }));
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Put, "/v1/account/password", new { password = "a way in past the issuer" }), (HttpMethod.Post, "/v1/account/tokens", new { name = "for ever" }),
            (HttpMethod.Post, "/v1/account/two-factor", null), (HttpMethod.Delete, "/v1/account", new { password = "x" }), (HttpMethod.Post, "/v1/onboarding/provision", new { name = "Mine" }),
        })
        {
            (await caller.SendAsync(method, path, body)).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        }
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_token_is_found()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer, more: new { audience = "api" })).ShouldBe(200);
        var now = servers.Clock.Now;
        var later = now.AddHours(1);
        var rsa = new SigningCredentials(_provider.Key, SecurityAlgorithms.RsaSha256);
        var sameName = OpenIdProvider.Forgers(_provider.Key.KeyId);
        var publicKey = new SymmetricSecurityKey(Encoding.ASCII.GetBytes(_provider.Key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = _provider.Key.KeyId };
        Dictionary<string, object> good = Claims();
        (await servers.With(_provider.Forge(good, rsa, later)).GetAsync(Products)).ShouldBe(200);

        var bad = new Dictionary<string, string>
        {
            ["an issuer nobody knows"] = _provider.Forge(Claims(("iss", "https://elsewhere.example/")), rsa, later),
            ["an issuer with a slash less"] = _provider.Forge(Claims(("iss", _provider.Issuer.TrimEnd('/'))), rsa, later),
            ["another audience"] = _provider.Forge(Claims(("aud", "validonx")), rsa, later),
            ["no audience"] = _provider.Forge(Claims(("aud", null)), rsa, later),
            ["no subject"] = _provider.Forge(Claims(("sub", null)), rsa, later),
            ["no end"] = _provider.Forge(good, rsa),
            ["expired"] = _provider.Forge(good, rsa, now.AddSeconds(-61)),
            ["not yet"] = _provider.Forge(good, rsa, later, notBefore: now.AddSeconds(90)),
            ["another key of the same name"] = _provider.Forge(good, new SigningCredentials(sameName, SecurityAlgorithms.RsaSha256), later),
            ["an unknown key"] = _provider.Forge(good, new SigningCredentials(OpenIdProvider.Forgers(), SecurityAlgorithms.RsaSha256), later),
            ["the public key as a secret"] = _provider.Forge(good, new SigningCredentials(publicKey, SecurityAlgorithms.HmacSha256), later),
            ["a logout token"] = _provider.Forge(good, rsa, later, type: "logout+jwt"),
            ["something critical"] = _provider.Forge(good, rsa, later, headers: new() { ["crit"] = new[] { "exp" } }),
            ["a key that it brings along"] = _provider.Forge(good, new SigningCredentials(sameName, SecurityAlgorithms.RsaSha256), later, headers: new() { ["jku"] = "https://elsewhere.example/jwks" }),
        };
        var parts = _provider.Forge(good, rsa, later).Split('.');
        bad["no algorithm"] = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
        bad["no signature"] = $"{parts[0]}.{parts[1]}.";
        bad["other claims"] = $"{parts[0]}.{Encode($$"""{"iss":"{{_provider.Issuer}}","aud":"api","sub":"root","exp":{{later.ToUnixTimeSeconds()}}}""")}.{parts[2]}";
        bad["no claims"] = $"{parts[0]}.{Encode("[]")}.{parts[2]}";
        bad["no JSON"] = $"{parts[0]}.{Encode("{")}.{parts[2]}";
        bad["too long"] = _provider.Forge(Claims(("padding", new string('x', 8_192))), rsa, later);
        foreach (var (what, token) in bad)
        {
            var answer = await servers.With(token).GetAsync(Products);
            Assert.True(answer.Status == 401 && answer.Code == "AUTH.UNAUTHENTICATED", $"{what}: {answer}");
        }

        Dictionary<string, object> Claims(params (string Name, object? Value)[] changes)
        {
            var claims = new Dictionary<string, object?> { ["iss"] = _provider.Issuer, ["aud"] = "api", ["sub"] = "bob", ["iat"] = now.ToUnixTimeSeconds() };
            foreach (var (name, value) in changes)
            {
                claims[name] = value;
            }

            return claims.Where(claim => claim.Value is not null).ToDictionary(claim => claim.Key, claim => claim.Value!);
        }

        static string Encode(string text) => Base64UrlEncoder.Encode(text);
    }

    [Fact]
    public async Task Keys_rotate_and_invented_ones_make_nobody_hammer_the_issuer()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        var old = Long("carol");
        (await servers.With(old).GetAsync(Products)).ShouldBe(200);
        Assert.Equal(1, _provider.KeyFetches);

        var forged = Enumerable.Range(0, 30).Select(_ => Long("carol", OpenIdProvider.Forgers()));
        Assert.All(await Task.WhenAll(forged.Select(token => servers.With(token).GetAsync(Products))), answer => answer.ShouldBe(401));
        Assert.Equal(1, _provider.KeyFetches);

        await _provider.RotateAsync();
        (await servers.With(Long("carol")).GetAsync(Products)).ShouldBe(401);
        servers.Clock.Now += TimeSpan.FromSeconds(31);
        (await servers.With(Long("carol")).GetAsync(Products)).ShouldBe(200);
        (await servers.With(old).GetAsync(Products)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        Assert.Equal(2, _provider.KeyFetches);
    }

    [Fact]
    public async Task While_the_issuer_is_away_its_last_keys_do_for_a_day()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        var (token, other) = (Long("dave"), Long("erin"));
        (await servers.With(token).GetAsync(Products)).ShouldBe(200);

        await _provider.GoAwayAsync();
        servers.Clock.Now += TimeSpan.FromHours(23);
        (await servers.With(token).GetAsync(Products)).ShouldBe(200);
        (await servers.With(other).GetAsync(Products)).ShouldBe(200);
        servers.Clock.Now += TimeSpan.FromHours(1);
        var away = (await servers.With(token).GetAsync(Products)).ShouldBe(503, "SERVER.UNAVAILABLE");
        Assert.Equal("30", away.Header("Retry-After"));

        await _provider.ComeBackAsync();
        servers.Clock.Now += TimeSpan.FromSeconds(31);
        (await servers.With(token).GetAsync(Products)).ShouldBe(200);
    }

    [Fact]
    public async Task Changed_settings_a_lost_membership_and_a_suspension_count_at_once()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer, more: new { client_secret = "s" })).ShouldBe(200);
        var caller = servers.With(await FreshTokenAsync("validonx", "frank"));
        (await caller.GetAsync(Products)).ShouldBe(200);

        (await tenant.ConfigureAsync(_provider.Issuer, more: new { audience = "elsewhere" })).ShouldBe(200);
        (await caller.GetAsync(Products)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        (await caller.GetAsync(Products)).ShouldBe(200);

        await servers.Platform.ExecuteAsync("UPDATE tenants SET status = 'suspended' WHERE id = @Id", new { tenant.Id });
        await servers.InvalidateAsync(Invalidation.OfTenant(tenant.Id));
        (await caller.GetAsync(Products)).ShouldBe(403, "TENANT.STATUS.SUSPENDED");
        await servers.Platform.ExecuteAsync("UPDATE tenants SET status = 'active' WHERE id = @Id", new { tenant.Id });
        await servers.InvalidateAsync(Invalidation.OfTenant(tenant.Id));

        var user = Guid.Parse((string)(await caller.GetAsync("/v1/account/profile")).ShouldBe(200).Data["user"]!["id"]!);
        await servers.Platform.ExecuteAsync("DELETE FROM tenant_users WHERE tenant_id = @Id AND user_id = @user", new { tenant.Id, user });
        await servers.InvalidateAsync(CacheKeys.Memberships(user));
        (await caller.GetAsync(Products)).ShouldBe(404, "TENANT.NOT_FOUND");
        servers.Clock.Now += TimeSpan.FromSeconds(5);
        (await servers.With(Long("frank")).GetAsync(Products)).ShouldBe(404, "TENANT.NOT_FOUND");

        var listed = Assert.Single((await tenant.Owner.GetAsync("/v1/tenant/sso/users")).ShouldBe(200).Data.AsArray())!;
        Assert.Equal((user.ToString(), "frank", null), ((string?)listed["id"], (string?)listed["subject"], (string?)listed["role"]));
        (await (await servers.TenantAsync()).Owner.DeleteAsync($"/v1/tenant/sso/users/{user}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await tenant.Owner.DeleteAsync($"/v1/tenant/sso/users/{user}")).ShouldBe(200);
        var again = (await caller.GetAsync("/v1/account/profile")).ShouldBe(200).Data["user"]!;
        Assert.NotEqual(user.ToString(), (string?)again["id"]);
        (await caller.DeleteAsync($"/v1/tenant/sso/users/{(string)again["id"]!}")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");

        (await tenant.Owner.DeleteAsync("/v1/tenant/sso")).ShouldBe(204);
        (await caller.GetAsync(Products)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await tenant.Owner.GetAsync("/v1/tenant/sso")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await tenant.Owner.DeleteAsync("/v1/tenant/sso")).ShouldBe(204);
        Assert.Equal((1L, 1L), (await tenant.EventsAsync("sso.user_forgotten"), await tenant.EventsAsync("sso.removed")));
    }

    [Fact]
    public async Task A_look_at_the_issuer_says_step_by_step_what_stands_against_a_sign_in()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.Owner.PostAsync("/v1/tenant/sso/check")).ShouldBe(404, "RESOURCE.NOT_FOUND");

        Assert.Equal("True: discovery passed, issuer passed, endpoints passed, keys passed, client passed", await LookAsync(_provider.Issuer, OpenIdProvider.ClientSecret));
        Assert.Equal("False: discovery passed, issuer passed, endpoints passed, keys passed, client failed", await LookAsync(_provider.Issuer, "no such words 4711"));
        Assert.Equal("False: discovery passed, issuer failed", await LookAsync(_provider.Issuer.TrimEnd('/'), OpenIdProvider.ClientSecret));
        Assert.Equal("False: discovery failed", await LookAsync($"{_provider.Issuer}nothing", OpenIdProvider.ClientSecret));
        Assert.Equal("False: discovery failed", await LookAsync("http://127.0.0.1:9/", OpenIdProvider.ClientSecret));

        for (var i = 5; i < 10; i++)
        {
            (await tenant.Owner.PostAsync("/v1/tenant/sso/check")).ShouldBe(200);
        }

        (await tenant.Owner.PostAsync("/v1/tenant/sso/check")).ShouldBe(429, "RATE_LIMIT.EXCEEDED");

        async Task<string> LookAsync(string issuer, string secret)
        {
            (await tenant.ConfigureAsync(issuer, more: new { client_secret = secret })).ShouldBe(200);
            var seen = (await tenant.Owner.PostAsync("/v1/tenant/sso/check")).ShouldBe(200);
            Assert.DoesNotContain(secret, seen.ToString(), StringComparison.Ordinal);
            return $"{(bool)seen.Data["works"]!}: {string.Join(", ", seen.Data["steps"]!.AsArray().Select(step => $"{step!["name"]} {step["status"]}"))}";
        }
    }

    [Fact]
    public async Task Roles_come_from_the_newest_token_and_never_above_what_the_tenant_allows()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer, more: new { role_claim = "access.roles", default_role = (string?)null, highest_role = "developer" })).ShouldBe(200);
        var began = servers.Clock.Now;
        var strong = WithRoles(began, "owner", "astronaut");
        (await servers.With(WithRoles(began, "astronaut")).GetAsync(Products)).ShouldBe(403, "AUTH.FORBIDDEN");

        (await servers.With(strong).PostAsync(Products, new { name = "By a developer", code = "p" })).ShouldBe(201);
        (await servers.With(strong).GetAsync("/v1/tenant/audit-logs")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        Assert.Equal("developer", await tenant.RoleAsync());

        var weak = WithRoles(began.AddSeconds(10), "viewer");
        (await servers.With(weak).PostAsync(Products, new { name = "x", code = "q" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        Assert.Equal("viewer", await tenant.RoleAsync());
        (await servers.With(strong).PostAsync(Products, new { name = "x", code = "r" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await servers.With(WithRoles(began.AddSeconds(20), "developer")).PostAsync(Products, new { name = "x", code = "s" })).ShouldBe(201);

        (await tenant.ConfigureAsync(_provider.Issuer, more: new { role_claim = "access.roles", highest_role = "viewer" })).ShouldBe(200);
        (await servers.With(strong).PostAsync(Products, new { name = "x", code = "t" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");

        string WithRoles(DateTimeOffset issued, params string[] roles) => _provider.Forge(
            new()
            {
                ["iss"] = _provider.Issuer,
                ["aud"] = "validonx",
                ["sub"] = "grace",
                ["iat"] = issued.ToUnixTimeSeconds(),
                ["access"] = new Dictionary<string, object> { ["roles"] = roles },
            },
            expires: began.AddHours(1));
    }

    [Fact]
    public async Task Who_comes_by_single_sign_on_takes_a_seat_of_the_plan()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        await servers.Platform.ExecuteAsync("INSERT INTO feature_flags (tenant_id, code, kind, value, updated_at) VALUES (@Id, 'members.max', 'limit', 2, UTC_TIMESTAMP(6))", new { tenant.Id });

        (await servers.With(Long("kate")).GetAsync(Products)).ShouldBe(200);
        (await servers.With(Long("liam")).GetAsync(Products)).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
        (await servers.With(Long("kate")).GetAsync(Products)).ShouldBe(200);

        Assert.Equal(1, await tenant.SignedOnMembersAsync());
    }

    [Fact]
    public async Task A_tenant_that_names_the_same_issuer_shuts_nobody_out_who_was_there_before()
    {
        var (tenant, copycat) = (await servers.TenantAsync(), await servers.TenantAsync());
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        var caller = servers.With(await FreshTokenAsync("validonx", "heidi"));
        (await caller.GetAsync(Products)).ShouldBe(200);

        (await copycat.ConfigureAsync(_provider.Issuer)).ShouldBe(200);

        (await caller.GetAsync(Products)).ShouldBe(200);
        Assert.Equal((1L, 0L), (await tenant.SignedOnMembersAsync(), await copycat.SignedOnMembersAsync()));
        var newcomer = servers.With(await FreshTokenAsync("validonx", "ivan"));
        (await newcomer.GetAsync(Products)).ShouldBe(422, "VALIDATION.FAILED");
        (await newcomer.GetAsync(Products, ("X-Tenant-ID", tenant.Id.ToString()))).ShouldBe(200);
    }

    [Fact]
    public async Task Tokens_of_issuers_that_nobody_has_configured_reach_neither_a_database_nor_a_network()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer)).ShouldBe(200);
        (await servers.With(await FreshTokenAsync("validonx", "judy")).GetAsync(Products)).ShouldBe(200);
        var looks = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MySqlConnector",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.Tags.Any(tag => tag.Value?.Contains("tenant_sso", StringComparison.Ordinal) == true))
                {
                    Interlocked.Increment(ref looks);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        for (var i = 0; i < 50; i++)
        {
            (await servers.With(_provider.Forge(new() { ["iss"] = $"http://127.0.0.1:9/{Guid.NewGuid():N}", ["sub"] = "x", ["aud"] = "validonx" }, expires: servers.Clock.Now.AddHours(1))).GetAsync(Products))
                .ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        Assert.Equal(0, looks);
        (await tenant.Owner.GetAsync("/v1/tenant/sso")).ShouldBe(200);
        Assert.NotEqual(0, looks);
    }

    [Fact]
    public async Task The_secret_is_shown_to_nobody_and_goes_to_no_other_issuer()
    {
        const string Secret = "a secret that nobody reads 4711";
        var tenant = await servers.TenantAsync();
        var first = (await tenant.ConfigureAsync("https://login.acme.example/", more: new { client_secret = Secret })).ShouldBe(200);
        var shown = (await tenant.Owner.GetAsync("/v1/tenant/sso")).ShouldBe(200);
        Assert.Equal(("validonx", "admin", true), ((string?)shown.Data["audience"], (string?)shown.Data["highest_role"], (bool)shown.Data["has_client_secret"]!));
        Assert.DoesNotContain(Secret, $"{first}{shown}", StringComparison.Ordinal);
        Assert.Equal(0, await servers.Platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE @secret", new { secret = $"%{Secret}%" }));
        Assert.Equal(1, await servers.Platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = 'sso.changed'", new { tenant.Id }));

        var body = new { issuer = "https://login.acme.example/", client_id = "validonx", default_role = "admin" };
        (await tenant.Owner.PutAsync("/v1/tenant/sso", body)).ShouldBe(428, "REQUEST.PRECONDITION_REQUIRED");
        (await tenant.Owner.PutAsync("/v1/tenant/sso", body, ("If-Match", "\"of long ago\""))).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");
        var kept = (await tenant.Owner.PutAsync("/v1/tenant/sso", body, ("If-Match", shown.Header("ETag")!))).ShouldBe(200);
        Assert.True((bool)kept.Data["has_client_secret"]!);
        (await tenant.Owner.PutAsync("/v1/tenant/sso", body, ("If-Match", shown.Header("ETag")!))).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");

        var moved = (await tenant.Owner.PutAsync("/v1/tenant/sso", body with { issuer = "https://evil.example/" }, ("If-Match", "*"))).ShouldBe(200);
        Assert.False((bool)moved.Data["has_client_secret"]!);

        var bad = (await tenant.Owner.PutAsync("/v1/tenant/sso", new { issuer = "ftp://x", client_id = "", highest_role = "owner" }, ("If-Match", "*"))).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["client_id", "highest_role", "issuer"], bad.Details.AsObject().Select(field => field.Key));
        var senseless = (await tenant.Owner.PutAsync("/v1/tenant/sso", body with { default_role = null! }, ("If-Match", "*"))).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["default_role"], senseless.Details.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task A_browser_signs_in_with_a_code_once_and_gets_a_token_that_ends_with_the_settings()
    {
        var tenant = await servers.TenantAsync();
        (await tenant.ConfigureAsync(_provider.Issuer, more: new { client_secret = OpenIdProvider.ClientSecret, role_claim = "roles" })).ShouldBe(200);
        var anyone = new Caller(servers.Gateway, null, null);
        (await anyone.PostAsync("/v1/auth/sso/start", new { tenant = "nobody-of-this-name" })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await anyone.PostAsync("/v1/auth/sso/start", new { tenant = "n\uFFFDbody" })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        var (attempt, state, code) = await ComeBackAsync();
        var (otherAttempt, otherState, _) = await ComeBackAsync();

        foreach (var wrong in new[] { new { attempt, state = otherState, code }, new { attempt = otherAttempt, state = otherState, code }, new { attempt = "AAAA", state, code } })
        {
            (await anyone.PostAsync("/v1/auth/sso/complete", wrong)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        }

        (attempt, state, code) = await ComeBackAsync();
        var login = (await anyone.PostAsync("/v1/auth/sso/complete", new { attempt, state, code })).ShouldBe(200);
        (await anyone.PostAsync("/v1/auth/sso/complete", new { attempt, state, code })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");

        Assert.Equal(1, await tenant.EventsAsync("sso.logged_in"));
        Assert.Equal((tenant.Id.ToString(), "developer"), ((string?)login.Data["tenants"]![0]!["id"], (string?)login.Data["tenants"]![0]!["role"]));
        var session = servers.With((string)login.Data["token"]!);
        (await session.PostAsync(Products, new { name = "By a browser", code = "b" })).ShouldBe(201);
        (await session.PutAsync("/v1/account/password", new { password = "a way in past the issuer" })).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await session.GetAsync("/v1/account/tokens")).ShouldBe(200);

        (await tenant.ConfigureAsync(_provider.Issuer, more: new { client_secret = OpenIdProvider.ClientSecret, role_claim = "roles", audience = "other" })).ShouldBe(200);
        (await session.GetAsync(Products)).ShouldBe(401, "AUTH.UNAUTHENTICATED");

        async Task<(string Attempt, string State, string Code)> ComeBackAsync()
        {
            var started = (await anyone.PostAsync("/v1/auth/sso/start", new { tenant = tenant.Tenant.Slug })).ShouldBe(200);
            using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            using var page = await browser.GetAsync(new Uri((string)started.Data["authorization_url"]!), TestContext.Current.CancellationToken);
            Assert.Equal(302, (int)page.StatusCode);
            var query = System.Web.HttpUtility.ParseQueryString(page.Headers.Location!.Query);
            Assert.Equal("/sso/callback", page.Headers.Location.AbsolutePath);
            return ((string)started.Data["attempt"]!, query["state"]!, query["code"]!);
        }
    }

    /// <summary>A token of the provider, whose clock is the system's.</summary>
    private async Task<string> FreshTokenAsync(string audience, string subject, string? email = null)
    {
        servers.Clock.Now = DateTimeOffset.UtcNow;
        return await _provider.TokenAsync(audience, subject, email);
    }

    private string Long(string subject, RsaSecurityKey? key = null) => _provider.Forge(
        new() { ["iss"] = _provider.Issuer, ["aud"] = "validonx", ["sub"] = subject, ["iat"] = servers.Clock.Now.ToUnixTimeSeconds() },
        key is null ? null : new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        servers.Clock.Now.AddDays(3));
}
