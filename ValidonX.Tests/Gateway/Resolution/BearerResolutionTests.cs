using System.Net;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;

namespace ValidonX.Tests.Gateway.Resolution;

[Collection(GatewayCollection.Name)]
public sealed class BearerResolutionTests(GatewayPlatform platform) : IAsyncLifetime
{
    private const string Licenses = "/v1/tenant/licenses";

    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(
            platform,
            [_upstream.Address],
            new Dictionary<string, string> { ["Gateway:Resolution:BaseDomain"] = "validonx.example" });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_user_of_one_tenant_calls_for_that_tenant_with_the_users_role()
    {
        var tenant = await platform.TenantAsync();
        var token = await platform.UserTokenAsync((tenant, TenantRole.Developer));

        using var answer = await _gateway.SendBearerAsync(Licenses, token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var caller = _upstream.Last.Caller!;
        Assert.Equal(CallerKind.User, caller.Kind);
        Assert.Equal(tenant, caller.TenantId);
        Assert.Equal(TenantRole.Developer, caller.Role);
        Assert.NotNull(caller.TokenId);
        Assert.DoesNotContain(_upstream.Last.Headers, header => header.Value.Contains(token[37..], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "AUTH.TOKEN.REQUIRED")]
    [InlineData("", "AUTH.TOKEN.REQUIRED")]
    [InlineData("Basic YTpi", "AUTH.TOKEN.REQUIRED")]
    [InlineData("Bearer nonsense", "AUTH.UNAUTHENTICATED")]
    [InlineData("Bearer 0197a5d0-0000-7000-8000-000000000000|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AUTH.UNAUTHENTICATED")]
    public async Task Without_a_valid_token_nobody_gets_in(string? authorization, string code)
    {
        using var answer = authorization is null
            ? await _gateway.SendAsync(HttpMethod.Get, Licenses)
            : await _gateway.SendAsync(HttpMethod.Get, Licenses, null, ("Authorization", authorization));

        await answer.IsErrorAsync(HttpStatusCode.Unauthorized, code);
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task The_id_of_a_token_without_its_secret_is_worth_nothing()
    {
        var token = await platform.UserTokenAsync((await platform.TenantAsync(), TenantRole.Owner));
        using var good = await _gateway.SendBearerAsync(Licenses, token);

        using var answer = await _gateway.SendBearerAsync(Licenses, $"{token[..37]}{new string('A', 43)}");

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await answer.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task A_token_ends_with_its_time_and_with_its_revocation()
    {
        var owner = Guid.CreateVersion7();
        var expired = await platform.TokenAsync(TokenOwners.Admin, owner, Abilities.Admin, TimeSpan.FromSeconds(-1));
        var revoked = await platform.OperatorTokenAsync();
        using var before = await _gateway.SendBearerAsync("/v1/admin/tenants", revoked);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        var id = Guid.Parse(revoked.AsSpan(0, 36));
        await platform.ExecuteAsync("UPDATE personal_access_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE id = @id", new { id = id.ToString() });
        await _gateway.InvalidateAsync(CacheKeys.Token(id));

        using var first = await _gateway.SendBearerAsync("/v1/admin/tenants", expired);
        using var second = await _gateway.SendBearerAsync("/v1/admin/tenants", revoked);

        await first.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.UNAUTHENTICATED");
        await second.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task Users_and_operators_stay_on_their_own_routes()
    {
        var user = await platform.UserTokenAsync((await platform.TenantAsync(), TenantRole.Owner));
        var @operator = await platform.OperatorTokenAsync();

        foreach (var (path, token) in new[] { ("/v1/admin/tenants", user), ("/auth/me", user), (Licenses, @operator), ("/v1/account/profile", @operator), ("/v1/billing/subscription", @operator) })
        {
            using var answer = await _gateway.SendBearerAsync(path, token);
            await answer.IsErrorAsync(HttpStatusCode.Forbidden, "AUTH.TOKEN.INVALID_SCOPE");
        }

        using var own = await _gateway.SendBearerAsync("/auth/me", @operator);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(CallerKind.Operator, _upstream.Last.Caller!.Kind);
    }

    [Fact]
    public async Task An_api_key_opens_no_bearer_route_and_a_token_no_integration_route()
    {
        var tenant = await platform.TenantAsync();
        using var first = await _gateway.SendAsync(HttpMethod.Get, Licenses, await platform.KeyAsync(tenant));
        using var second = await _gateway.SendBearerAsync("/v1/integration/activations", await platform.UserTokenAsync((tenant, TenantRole.Owner)));

        await first.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.TOKEN.REQUIRED");
        await second.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");
    }

    [Fact]
    public async Task A_user_of_several_tenants_names_one_of_them()
    {
        var one = await platform.TenantAsync();
        var two = await platform.TenantAsync();
        var foreign = await platform.TenantAsync();
        var token = await platform.UserTokenAsync((one, TenantRole.Viewer), (two, TenantRole.Owner));

        using var unnamed = await _gateway.SendBearerAsync(Licenses, token);
        var error = await unnamed.IsErrorAsync(HttpStatusCode.UnprocessableEntity, "VALIDATION.FAILED");
        Assert.Equal(System.Text.Json.JsonValueKind.Array, error.GetProperty("details").GetProperty("X-Tenant-ID").ValueKind);

        using var named = await _gateway.SendBearerAsync(Licenses, token, ("X-Tenant-ID", two.ToString()));
        Assert.Equal(HttpStatusCode.OK, named.StatusCode);
        Assert.Equal(two, _upstream.Last.Caller!.TenantId);
        Assert.Equal(TenantRole.Owner, _upstream.Last.Caller!.Role);

        foreach (var wrong in new[] { foreign.ToString(), Guid.NewGuid().ToString(), "nonsense", "" })
        {
            using var refused = await _gateway.SendBearerAsync(Licenses, token, ("X-Tenant-ID", wrong));
            await refused.IsErrorAsync(HttpStatusCode.NotFound, "TENANT.NOT_FOUND");
        }
    }

    [Fact]
    public async Task A_user_without_a_tenant_has_an_account_all_the_same()
    {
        var token = await platform.UserTokenAsync();

        using var account = await _gateway.SendBearerAsync("/v1/account/profile", token);
        Assert.Equal(HttpStatusCode.OK, account.StatusCode);
        Assert.Null(_upstream.Last.Caller!.TenantId);

        using var tenant = await _gateway.SendBearerAsync(Licenses, token);
        await tenant.IsErrorAsync(HttpStatusCode.NotFound, "TENANT.NOT_FOUND");
    }

    [Theory]
    [InlineData("suspended", "TENANT.STATUS.SUSPENDED")]
    [InlineData("closed", "TENANT.INVALID_STATE")]
    [InlineData("provisioning", "TENANT.INVALID_STATE")]
    public async Task A_tenant_that_is_not_active_is_refused_but_its_users_accounts_are_not(string status, string code)
    {
        var token = await platform.UserTokenAsync((await platform.TenantAsync(status: status), TenantRole.Owner));

        using var tenant = await _gateway.SendBearerAsync(Licenses, token);
        using var onboarding = await _gateway.SendBearerAsync("/v1/onboarding/provision/1", token);

        await tenant.IsErrorAsync(HttpStatusCode.Forbidden, code);
        Assert.Equal(HttpStatusCode.OK, onboarding.StatusCode);
    }

    [Fact]
    public async Task A_suspension_and_a_lost_membership_are_seen_on_every_replica_once_the_invalidation_returns()
    {
        await using var other = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
        var suspended = await platform.TenantAsync();
        var left = await platform.TenantAsync();
        var first = await platform.UserTokenAsync((suspended, TenantRole.Owner));
        var second = await platform.UserTokenAsync((left, TenantRole.Owner));
        foreach (var gateway in new[] { _gateway, other })
        {
            using var one = await gateway.SendBearerAsync(Licenses, first);
            using var two = await gateway.SendBearerAsync(Licenses, second);
            Assert.Equal(HttpStatusCode.OK, one.StatusCode);
            Assert.Equal(HttpStatusCode.OK, two.StatusCode);
        }

        var user = await platform.ScalarAsync<Guid>("SELECT user_id FROM tenant_users WHERE tenant_id = @left", new { left });
        await platform.ExecuteAsync("UPDATE tenants SET status = 'suspended' WHERE id = @suspended", new { suspended });
        await platform.ExecuteAsync("DELETE FROM tenant_users WHERE tenant_id = @left", new { left });
        await _gateway.InvalidateAsync(Invalidation.OfTenant(suspended), CacheKeys.Memberships(user));

        foreach (var gateway in new[] { _gateway, other })
        {
            using var one = await gateway.SendBearerAsync(Licenses, first);
            using var two = await gateway.SendBearerAsync(Licenses, second);
            await one.IsErrorAsync(HttpStatusCode.Forbidden, "TENANT.STATUS.SUSPENDED");
            await two.IsErrorAsync(HttpStatusCode.NotFound, "TENANT.NOT_FOUND");
        }
    }

    [Fact]
    public async Task The_host_names_the_tenant_and_a_stranger_does_not_find_it()
    {
        var slug = $"s{Guid.NewGuid():N}"[..20];
        var domain = $"{slug}.customer.example";
        var mine = await platform.TenantAsync(slug: slug);
        var also = await platform.TenantAsync();
        await platform.ExecuteAsync(
            """
            INSERT INTO domains (id, tenant_id, host, verified_at, created_at) VALUES
              (UUID(), @mine, @domain, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (UUID(), @mine, @unverified, NULL, UTC_TIMESTAMP(6))
            """,
            new { mine, domain, unverified = $"un.{domain}" });
        var member = await platform.UserTokenAsync((mine, TenantRole.Owner), (also, TenantRole.Owner));
        var stranger = await platform.UserTokenAsync((also, TenantRole.Owner));

        foreach (var host in new[] { $"{slug}.validonx.example", $"{slug.ToUpperInvariant()}.VALIDONX.example:8080", domain })
        {
            using var found = await _gateway.SendBearerAsync(Licenses, member, ("Host", host));
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
            Assert.Equal(mine, _upstream.Last.Caller!.TenantId);

            using var refused = await _gateway.SendBearerAsync(Licenses, stranger, ("Host", host));
            await refused.IsErrorAsync(HttpStatusCode.NotFound, "TENANT.NOT_FOUND");

            using var contradiction = await _gateway.SendBearerAsync(Licenses, member, ("Host", host), ("X-Tenant-ID", also.ToString()));
            await contradiction.IsErrorAsync(HttpStatusCode.NotFound, "TENANT.NOT_FOUND");
        }

        foreach (var host in new[] { "validonx.example", "api.validonx.example", $"un.{domain}", "127.0.0.1", "localhost:5080" })
        {
            using var answer = await _gateway.SendBearerAsync(Licenses, stranger, ("Host", host));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(also, _upstream.Last.Caller!.TenantId);
        }
    }
}
