using System.Globalization;
using System.Net;
using ValidonX.Coherence;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Keys;

namespace ValidonX.Tests.Gateway.Resolution;

[Collection(GatewayCollection.Name)]
public sealed class ApiKeyResolutionTests(GatewayPlatform platform) : IAsyncLifetime
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";

    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_known_key_reaches_the_licensing_api_with_its_tenants_signed_context()
    {
        var tenant = await platform.TenantAsync();
        var key = await platform.KeyAsync(tenant);

        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var caller = _upstream.Last.Caller;
        Assert.NotNull(caller);
        Assert.Equal(CallerKind.ApiKey, caller.Kind);
        Assert.Equal(tenant, caller.TenantId);
        Assert.Equal("enterprise", caller.TenantPlan);
        Assert.Equal(Validate, _upstream.Last.Target);
    }

    /// <summary>Redis is where limits and announcements are kept, not where anybody's identity is.</summary>
    [Fact]
    public async Task A_key_record_written_into_redis_lets_nobody_in()
    {
        var key = ApiKeyText.Create();
        var tenant = await platform.TenantAsync();
        var record = $$$"""{"KeyId":"{{{Guid.NewGuid()}}}","Tenant":{"Id":"{{{tenant}}}","Slug":"forged","Plan":"enterprise","Status":"active"},"Limits":{}}""";
        using var redis = platform.Redis.Connect();
        await redis.GetDatabase().StringSetAsync(
            $"platform:api-key:{GatewayPlatform.HashOf(key)}",
            string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds()}  {record}"));

        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key);

        await answer.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vx_")]
    [InlineData("vx_zz")]
    [InlineData("vx_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("vx_0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF")]
    public async Task A_missing_malformed_or_unknown_key_is_refused_before_the_licensing_api(string? key)
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key);

        await answer.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task Two_keys_in_one_request_are_none()
    {
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key, ("X-API-Key", key));

        await answer.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");
    }

    [Theory]
    [InlineData("suspended", "TENANT.STATUS.SUSPENDED")]
    [InlineData("closed", "TENANT.INVALID_STATE")]
    [InlineData("provisioning", "TENANT.INVALID_STATE")]
    public async Task A_tenant_that_is_not_active_is_refused(string status, string code)
    {
        var key = await platform.KeyAsync(await platform.TenantAsync(status: status));

        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key);

        await answer.IsErrorAsync(HttpStatusCode.Forbidden, code);
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task A_suspended_tenant_is_refused_on_every_replica_once_the_invalidation_returns()
    {
        await using var other = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
        var tenant = await platform.TenantAsync();
        var key = await platform.KeyAsync(tenant);
        foreach (var gateway in new[] { _gateway, other })
        {
            using var before = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        await platform.ExecuteAsync("UPDATE tenants SET status = 'suspended' WHERE id = @tenant", new { tenant });
        await _gateway.InvalidateAsync(Invalidation.OfTenant(tenant));

        foreach (var gateway in new[] { _gateway, other })
        {
            using var after = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            await after.IsErrorAsync(HttpStatusCode.Forbidden, "TENANT.STATUS.SUSPENDED");
        }
    }

    [Fact]
    public async Task A_revoked_key_is_refused_on_every_replica_once_the_invalidation_returns()
    {
        await using var other = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());
        var hash = GatewayPlatform.HashOf(key);
        foreach (var gateway in new[] { _gateway, other })
        {
            using var before = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        await platform.ExecuteAsync("UPDATE api_keys SET status = 'revoked' WHERE key_hash = @hash", new { hash = hash.ToArray() });
        await other.InvalidateAsync(CacheKeys.ApiKey(hash));

        foreach (var gateway in new[] { _gateway, other })
        {
            using var after = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            await after.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");
        }
    }
}
