using Microsoft.Extensions.DependencyInjection;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Keys;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Changes;

/// <summary>
/// CONTRACT §2: what is changed is changed on every replica before the call that did it returns. So a call whose announcement got lost does not
/// say that it went well, and its repetition announces again.
/// </summary>
[Collection(LicensingCollection.Name)]
public sealed class LostAnnouncementTests(LicensingPlatform platform)
{
    private static readonly Dictionary<(CoherentCaches, string), CoherentCache<string, string>> Caches = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_writer_cut_off_from_redis_says_committed_and_not_in_force_and_its_repetition_elsewhere_makes_it_so()
    {
        await using var line = new TcpLine(platform.Redis.Port);
        await using var writer = await platform.StartReplicaAsync(redis: line.Address);
        var tenant = await platform.CreateTenantAsync();
        var plain = await KnownLicenseAsync(tenant);
        var keyed = await KnownLicenseAsync(tenant);
        var owner = tenant.OwnerAt(writer.Client);
        var created = (await owner.PostAsync("/v1/tenant/api-keys", new { name = "k" })).ShouldBe(201);
        var apiKey = await RememberKeyAsync((string)created.Data["id"]!);
        var record = await RememberAsync(CacheKeys.TenantType, CacheKey.OfTenant(tenant.Id, tenant.Id.ToString()));
        line.Cut();

        // All at once: each takes as long as a lease.
        var answers = await Task.WhenAll(
            owner.PostAsync($"/v1/tenant/licenses/{plain.Id}/revoke"),
            owner.PostAsync($"/v1/tenant/licenses/{keyed.Id}/revoke", null, "revoke-1"),
            owner.DeleteAsync($"/v1/tenant/api-keys/{created.Data["id"]}"),
            platform.OperatorAt(writer.Client).PostAsync($"/v1/admin/tenants/{tenant.Id}/suspend"));

        Assert.All(answers, answer =>
        {
            answer.ShouldBe(503, "SERVER.UNAVAILABLE");
            Assert.NotNull(answer.Header("Retry-After"));
            Assert.True((bool)answer.Details["committed"]!);
        });
        Assert.Equal(2, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys WHERE status = 'revoked'"));

        (await tenant.User(ValidonX.Platform.Accounts.TenantRole.Owner, 1).PostAsync($"/v1/tenant/licenses/{plain.Id}/revoke")).ShouldBe(200);
        (await tenant.App.ValidateAsync(plain.Key)).ShouldBe(403, "LICENSE.REVOKED");

        var replay = (await tenant.User(ValidonX.Platform.Accounts.TenantRole.Owner, 1).PostAsync($"/v1/tenant/licenses/{keyed.Id}/revoke", null, "revoke-1")).ShouldBe(200);
        Assert.Equal("revoked", (string?)replay.Data["license"]!["status"]);
        (await tenant.App.ValidateAsync(keyed.Key)).ShouldBe(403, "LICENSE.REVOKED");

        (await tenant.User(ValidonX.Platform.Accounts.TenantRole.Owner, 1).DeleteAsync($"/v1/tenant/api-keys/{created.Data["id"]}")).ShouldBe(200);
        Assert.False(apiKey());
        (await platform.Operator(1).PostAsync($"/v1/admin/tenants/{tenant.Id}/suspend")).ShouldBe(200);
        Assert.False(record());
        Assert.Equal(2, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'license.revoked'"));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = 'tenant.suspended'", new { tenant.Id }));
    }

    [Fact]
    public async Task A_process_killed_between_commit_and_announcement_leaves_a_change_that_its_repetition_announces()
    {
        await using var line = new TcpLine(platform.Redis.Port);
        await using var api = await ApiProcess.StartAsync(platform, line);
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await KnownLicenseAsync(tenant);
        var (keyedId, keyedKey) = await KnownLicenseAsync(tenant);
        var created = (await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "k" })).ShouldBe(201);
        var apiKeyId = (string)created.Data["id"]!;
        var apiKey = await RememberKeyAsync(apiKeyId);
        line.Hold();
        var owner = tenant.OwnerAt(api.Client);

        Task<Answer>[] calls =
        [
            owner.PostAsync($"/v1/tenant/licenses/{id}/revoke"),
            owner.PostAsync($"/v1/tenant/licenses/{keyedId}/revoke", null, "killed-1"),
            owner.PostAsync($"/v1/tenant/api-keys/{apiKeyId}/rotate", new { overlap_seconds = 0 }, "killed-2"),
        ];
        await Until.TrueAsync(async () => await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys WHERE status = 'revoked'") == 2);
        await Until.TrueAsync(async () => await platform.ScalarAsync<Guid?>("SELECT replaced_by FROM api_keys WHERE id = @apiKeyId", new { apiKeyId }) is not null);
        await api.KillAsync();
        foreach (var call in calls)
        {
            // On a machine too busy the process may have given up announcing before it was killed; the client knows as little either way.
            await Record.ExceptionAsync(() => call);
        }

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.Apps[1].ValidateAsync(key)).ShouldBe(403, "LICENSE.REVOKED");

        var rotated = (await tenant.Owner.PostAsync($"/v1/tenant/api-keys/{apiKeyId}/rotate", new { overlap_seconds = 0 }, "killed-2")).ShouldBe(201);
        Assert.Equal("true", rotated.Header("Idempotency-Replayed"));
        Assert.Equal(Guid.Parse((string)rotated.Data["id"]!), await platform.ScalarAsync<Guid>("SELECT replaced_by FROM api_keys WHERE id = @apiKeyId", new { apiKeyId }));
        Assert.Matches("^vx_[0-9a-f]{64}$", (string?)rotated.Data["key"]);
        Assert.False(apiKey());

        // The platform database knows of a request that runs; what it came to is known to the tenant's.
        await platform.ExecuteAsync("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6) WHERE tenant_id = @Id AND status = 'running'", new { tenant.Id });
        var replay = (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{keyedId}/revoke", null, "killed-1")).ShouldBe(200);
        Assert.Equal("true", replay.Header("Idempotency-Replayed"));
        (await tenant.Apps[1].ValidateAsync(keyedKey)).ShouldBe(403, "LICENSE.REVOKED");
        Assert.Equal(2, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'license.revoked'"));
    }

    [Fact]
    public async Task Every_refusal_because_it_was_so_already_announces_too()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await KnownLicenseAsync(tenant);
        var apiKeys = new List<string>();
        foreach (var name in new[] { "revoked", "rotated" })
        {
            apiKeys.Add((string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name })).ShouldBe(201).Data["id"]!);
        }

        // As committed by processes that died before they could tell.
        await tenant.ExecuteAsync("UPDATE license_keys SET status = 'revoked' WHERE id = @id", new { id });
        await platform.ExecuteAsync("UPDATE api_keys SET status = 'revoked' WHERE id = @id", new { id = apiKeys[0] });
        await platform.ExecuteAsync("UPDATE api_keys SET replaced_by = @id, expires_at = UTC_TIMESTAMP(6) WHERE id = @id", new { id = apiKeys[1] });
        var remembered = new List<Func<bool>>();
        foreach (var apiKey in apiKeys)
        {
            remembered.Add(await RememberKeyAsync(apiKey));
        }

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await tenant.Owner.DeleteAsync($"/v1/tenant/api-keys/{apiKeys[0]}")).ShouldBe(200);
        (await tenant.Owner.PostAsync($"/v1/tenant/api-keys/{apiKeys[1]}/rotate")).ShouldBe(409, "RESOURCE.CONFLICT");

        Assert.All(remembered, one => Assert.False(one()));
        Assert.All(await Task.WhenAll(tenant.Apps.Select(app => app.ValidateAsync(key))), answer => answer.ShouldBe(403, "LICENSE.REVOKED"));
    }

    [Fact]
    public async Task A_license_made_by_a_process_that_died_is_found_after_the_repetition_is_told_that_it_exists()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Apps[1].ValidateAsync("LOST-AND-FOUND")).ShouldBe(404, "LICENSE.NOT_FOUND");
        await tenant.ExecuteAsync(
            "INSERT INTO license_keys (id, license_key, type, status, metadata, created_at, updated_at) VALUES (UUID(), 'LOST-AND-FOUND', 'trial', 'active', '{}', NOW(), NOW())");

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { key = "LOST-AND-FOUND" })).ShouldBe(409, "RESOURCE.CONFLICT");

        (await tenant.Apps[1].ValidateAsync("LOST-AND-FOUND")).ShouldBe(200);
    }

    /// <summary>A licence that every replica has in memory.</summary>
    private static async Task<(Guid Id, string Key)> KnownLicenseAsync(LicensedTenant tenant)
    {
        var license = await tenant.CreateLicenseAsync();
        foreach (var app in tenant.Apps)
        {
            (await app.ValidateAsync(license.Key)).ShouldBe(200);
        }

        return license;
    }

    /// <summary>Lets the first replica remember something as a gateway would; whether it still does.</summary>
    private async Task<Func<bool>> RememberAsync(string type, CacheKey<string> key)
    {
        var cache = Cache(type);
        await Until.TrueAsync(async () => await cache.GetAsync(key, (_, _) => Task.FromResult<string?>("remembered"), Cancellation) is not null && cache.TryGet(key, out _));
        return () => cache.TryGet(key, out _);
    }

    private async Task<Func<bool>> RememberKeyAsync(string id)
    {
        var hash = (await platform.ScalarAsync<byte[]>("SELECT key_hash FROM api_keys WHERE id = @id", new { id }))!;
        return await RememberAsync(CacheKeys.ApiKeyType, CacheKey.OfPlatform(new ApiKeyHash(hash).ToString()));
    }

    private CoherentCache<string, string> Cache(string type)
    {
        var caches = platform.Replicas[0].Services.GetRequiredService<CoherentCaches>();
        lock (Caches)
        {
            return Caches.TryGetValue((caches, type), out var cache)
                ? cache
                : Caches[(caches, type)] = caches.Create<string, string>(new CoherentCacheOptions<string> { Type = type });
        }
    }
}
