using System.Net;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Keys;

namespace ValidonX.Tests.Gateway.Resolution;

[Collection(GatewayCollection.Name)]
public sealed class ApiKeyRulesTests(GatewayPlatform platform) : IAsyncLifetime
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";

    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(
            platform,
            [_upstream.Address],
            new Dictionary<string, string> { ["Gateway:TrustedProxies:0"] = "127.0.0.0/8", ["Gateway:Resolution:UnknownFor"] = "01:00:00" });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task An_unknown_key_is_remembered_as_such_until_someone_says_otherwise()
    {
        var tenant = await platform.TenantAsync();
        var key = await platform.KeyAsync(tenant);
        var hash = GatewayPlatform.HashOf(key);
        await platform.ExecuteAsync("UPDATE api_keys SET key_hash = @other WHERE key_hash = @hash", new { hash = hash.ToArray(), other = new byte[32] });
        using var before = await _gateway.SendAsync(HttpMethod.Post, Validate, key);
        await before.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");
        await platform.ExecuteAsync("UPDATE api_keys SET key_hash = @hash WHERE key_hash = @other", new { hash = hash.ToArray(), other = new byte[32] });

        using var remembered = await _gateway.SendAsync(HttpMethod.Post, Validate, key);
        await remembered.IsErrorAsync(HttpStatusCode.Unauthorized, "AUTH.INVALID_API_KEY");

        await _gateway.InvalidateAsync(CacheKeys.ApiKey(hash));
        using var known = await _gateway.SendAsync(HttpMethod.Post, Validate, key);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }

    [Fact]
    public async Task After_a_rotation_both_keys_work_until_the_old_one_expires()
    {
        var tenant = await platform.TenantAsync();
        var old = await platform.KeyAsync(tenant, expiresAt: DateTimeOffset.UtcNow.AddSeconds(3));
        var replacement = await platform.KeyAsync(tenant);

        using var oldAnswer = await _gateway.SendAsync(HttpMethod.Post, Validate, old);
        using var newAnswer = await _gateway.SendAsync(HttpMethod.Post, Validate, replacement);
        Assert.Equal(HttpStatusCode.OK, oldAnswer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, newAnswer.StatusCode);

        // The key stays in the cache: the time alone ends it, with nobody invalidating anything.
        await Until.TrueAsync(async () =>
        {
            using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, old);
            return answer.StatusCode == HttpStatusCode.Unauthorized;
        });
        using var still = await _gateway.SendAsync(HttpMethod.Post, Validate, replacement);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Theory]
    [InlineData("""["203.0.113.7"]""", "203.0.113.7", true)]
    [InlineData("""["203.0.113.7"]""", "203.0.113.8", false)]
    [InlineData("""["10.0.0.0/8","2001:db8::/32"]""", "10.9.8.7", true)]
    [InlineData("""["10.0.0.0/8","2001:db8::/32"]""", "2001:db8::5", true)]
    [InlineData("""["10.0.0.0/8","2001:db8::/32"]""", "11.0.0.1", false)]
    [InlineData("""["nonsense"]""", "10.0.0.1", false)]
    [InlineData("[]", "10.0.0.1", true)]
    public async Task A_key_is_valid_only_from_where_it_may_be_used(string allowed, string address, bool isServed)
    {
        var key = await platform.KeyAsync(await platform.TenantAsync(), allowedIps: allowed);

        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key, ("X-Forwarded-For", address));

        if (isServed)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        else
        {
            await answer.IsErrorAsync(HttpStatusCode.Forbidden, "AUTH.FORBIDDEN");
        }
    }

    [Theory]
    [InlineData("[]", Validate, true)]
    [InlineData("""["licenses"]""", Validate, true)]
    [InlineData("""["licenses"]""", "/v1/integration/licensing/resolve", false)]
    [InlineData("""["resolve"]""", "/v1/integration/licensing/resolve", true)]
    [InlineData("""["resolve"]""", Validate, false)]
    [InlineData("""["licenses"]""", "/v1/integration/activations", false)]
    [InlineData("""["activations","usage"]""", "/v1/integration/activations/1/validate", true)]
    [InlineData("""["activations"]""", "/v1/integration/activations/1/heartbeat", true)]
    [InlineData("""["licenses","usage"]""", "/v1/integration/activations/1/heartbeat", false)]
    [InlineData("""["activations"]""", "/v1/integration/activations/1", true)]
    [InlineData("""["licenses","usage"]""", "/v1/integration/activations/1", false)]
    [InlineData("""["activations","usage"]""", "/v1/integration/usage/record", true)]
    [InlineData("""["activations","usage"]""", "/v1/integration/entitlements/check", false)]
    [InlineData("""["entitlements"]""", "/v1/integration/entitlements/check", true)]
    [InlineData("""["unheard-of"]""", Validate, false)]
    public async Task A_key_does_only_what_its_scopes_allow(string scopes, string path, bool isServed)
    {
        var key = await platform.KeyAsync(await platform.TenantAsync(), scopes: scopes);

        using var answer = await _gateway.SendAsync(HttpMethod.Post, path, key);

        if (isServed)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        else
        {
            await answer.IsErrorAsync(HttpStatusCode.Forbidden, "AUTH.SCOPE_INSUFFICIENT");
        }
    }

    [Fact]
    public async Task Every_operation_that_the_permission_table_gives_to_apps_needs_the_one_scope_that_it_names()
    {
        var tenant = await platform.TenantAsync();
        var operations = RepositoryFile.Read("docs/permissions.md").Split('\n')
            .Where(line => line.Contains("/v1/integration/", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(cells => (Method: cells[1].Trim('`').Split(' ')[0], Path: cells[1].Trim('`').Split(' ')[1].Replace("{id}", "1", StringComparison.Ordinal).Replace("{licenseKey}", "A", StringComparison.Ordinal), Scope: cells[3]))
            .ToList();
        Assert.Equal(ApiKeyScopes.Names.Order(StringComparer.Ordinal), operations.Select(operation => operation.Scope).Distinct().Order(StringComparer.Ordinal));
        foreach (var scope in ApiKeyScopes.Names)
        {
            var only = await platform.KeyAsync(tenant, scopes: $"[\"{scope}\"]");
            var others = await platform.KeyAsync(tenant, scopes: $"[{string.Join(',', ApiKeyScopes.Names.Where(name => name != scope).Select(name => $"\"{name}\""))}]");
            foreach (var operation in operations)
            {
                using var answer = await _gateway.SendAsync(new HttpMethod(operation.Method), operation.Path, operation.Scope == scope ? only : others);
                Assert.Equal((operation.Path, HttpStatusCode.OK), (operation.Path, answer.StatusCode));
                using var refused = await _gateway.SendAsync(new HttpMethod(operation.Method), operation.Path, operation.Scope == scope ? others : only);
                await refused.IsErrorAsync(HttpStatusCode.Forbidden, "AUTH.SCOPE_INSUFFICIENT");
            }
        }
    }

    [Fact]
    public async Task The_last_use_of_a_key_is_written_once_for_many_requests()
    {
        var key = await platform.KeyAsync(await platform.TenantAsync());
        var hash = GatewayPlatform.HashOf(key).ToArray();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key);
        }

        Assert.Null(await platform.ScalarAsync<DateTime?>("SELECT last_used_at FROM api_keys WHERE key_hash = @hash", new { hash }));
        var lastUsed = (LastUsed)_gateway.Services.GetService(typeof(LastUsed))!;
        await lastUsed.FlushAsync(TestContext.Current.CancellationToken);

        var first = await platform.ScalarAsync<DateTime?>("SELECT last_used_at FROM api_keys WHERE key_hash = @hash", new { hash });
        Assert.NotNull(first);
        await lastUsed.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(first, await platform.ScalarAsync<DateTime?>("SELECT last_used_at FROM api_keys WHERE key_hash = @hash", new { hash }));

        using var again = await _gateway.SendAsync(HttpMethod.Post, Validate, key);
        await lastUsed.FlushAsync(TestContext.Current.CancellationToken);
        Assert.True(await platform.ScalarAsync<DateTime?>("SELECT last_used_at FROM api_keys WHERE key_hash = @hash", new { hash }) > first);
    }

    [Fact]
    public async Task The_last_use_of_a_key_survives_a_graceful_stop()
    {
        var key = await platform.KeyAsync(await platform.TenantAsync());
        await using (var other = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]))
        {
            using var answer = await other.SendAsync(HttpMethod.Post, Validate, key);
        }

        Assert.NotNull(await platform.ScalarAsync<DateTime?>(
            "SELECT last_used_at FROM api_keys WHERE key_hash = @hash",
            new { hash = GatewayPlatform.HashOf(key).ToArray() }));
    }

    [Fact]
    public async Task A_flood_of_invented_keys_leaves_other_callers_first_requests_alone()
    {
        var keys = new List<string>();
        var tenant = await platform.TenantAsync();
        for (var i = 0; i < 20; i++)
        {
            keys.Add(await platform.KeyAsync(tenant));
        }

        using var enough = new CancellationTokenSource();
        var refusals = 0;
        var flood = Enumerable.Range(0, 60).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                using var answer = await _gateway.SendAsync(
                    HttpMethod.Post,
                    Validate,
                    ApiKeyText.Create(),
                    ("X-Forwarded-For", "203.0.113.66"));
                Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
                Interlocked.Increment(ref refusals);
            }
        })).ToList();
        await Until.TrueAsync(() => Volatile.Read(ref refusals) > 500);

        foreach (var key in keys)
        {
            using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, key, ("X-Forwarded-For", "198.51.100.5"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await enough.CancelAsync();
        await Task.WhenAll(flood);
    }
}
