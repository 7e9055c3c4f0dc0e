using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>Keys that are rotated with overlap, and revoked.</summary>
[Collection(LicensingCollection.Name)]
public sealed class SigningKeyTests(LicensingPlatform platform)
{
    [Fact]
    public async Task After_a_rotation_the_next_key_signs_that_was_published_before_and_old_leases_go_on()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        var lease = await tenant.App.LeasedAsync(key);
        var published = await platform.KeysAsync(tenant.Slug);

        (await tenant.Owner.PostAsync("/v1/tenant/signing-keys/rotate")).ShouldBe(200);

        foreach (var app in tenant.Apps)
        {
            var newLease = await app.LeasedAsync(key);
            Assert.NotEqual(Jose.Header(lease, "kid"), Jose.Header(newLease, "kid"));
            // A machine that was last online before the rotation.
            Assert.NotNull(Jose.Verify(newLease, published, "vx-lease+jwt"));
        }

        Assert.NotNull(Jose.Verify(lease, await platform.KeysAsync(tenant.Slug, replica: 1), "vx-lease+jwt"));
        Assert.Equal(["next", "active", "retiring"], await StatusesAsync(tenant));

        // The last of its leases has ended.
        await tenant.ExecuteAsync("UPDATE signing_keys SET needed_until = UTC_TIMESTAMP(6) WHERE retired_at IS NOT NULL");
        (await tenant.Owner.PostAsync("/v1/tenant/signing-keys/rotate")).ShouldBe(200);
        Assert.Null(Jose.Verify(lease, await platform.KeysAsync(tenant.Slug), "vx-lease+jwt"));
        Assert.Equal(["active", "next", "retired", "retiring"], (await StatusesAsync(tenant)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_revoked_key_is_published_nowhere_and_another_one_signs()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        var lease = await tenant.App.LeasedAsync(key);
        await platform.KeysAsync(tenant.Slug, replica: 1);

        var revoked = (await tenant.Owner.PostAsync($"/v1/tenant/signing-keys/{Jose.Header(lease, "kid")}/revoke")).ShouldBe(200).Data["signing_key"]!;

        Assert.Equal("revoked", (string?)revoked["status"]);
        foreach (var replica in new[] { 0, 1 })
        {
            var keys = await platform.KeysAsync(tenant.Slug, replica);
            Assert.Equal(OfflineVerdict.Foreign, new OfflineApp(tenant.Id, keys).Judge(lease, DateTimeOffset.UtcNow));
            Assert.NotNull(Jose.Verify(await tenant.Apps[replica].LeasedAsync(key), keys, "vx-lease+jwt"));
        }

        // Again changes nothing, and the key that is next can be taken back, too.
        (await tenant.Owner.PostAsync($"/v1/tenant/signing-keys/{(string)revoked["id"]!}/revoke")).ShouldBe(200);
        Assert.Equal(["next", "active", "revoked"], await StatusesAsync(tenant));
        var next = (string)(await KeysAsync(tenant))[0]!["id"]!;
        (await tenant.Owner.PostAsync($"/v1/tenant/signing-keys/{next}/revoke")).ShouldBe(200);
        Assert.Equal(["next", "active", "revoked", "revoked"], await StatusesAsync(tenant));
        (await tenant.Owner.PostAsync($"/v1/tenant/signing-keys/{Guid.NewGuid()}/revoke")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task Twelve_rotations_at_once_leave_one_key_in_each_slot()
    {
        var tenant = await platform.CreateTenantAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.User(ValidonX.Platform.Accounts.TenantRole.Owner, i % 2).PostAsync("/v1/tenant/signing-keys/rotate")));

        Assert.All(answers, answer => answer.ShouldBe(200));
        Assert.Equal((1, 1, 12), (
            await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM signing_keys WHERE slot = 'active'"),
            await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM signing_keys WHERE slot = 'next'"),
            await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM signing_keys WHERE slot IS NULL")));
        Assert.Equal(12, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'signing_key.rotated'"));
    }

    [Fact]
    public async Task Who_is_no_tenant_in_service_publishes_nothing_and_a_suspended_one_does()
    {
        var tenant = await platform.CreateTenantAsync();
        await platform.KeysAsync(tenant.Slug);
        await platform.ExecuteAsync("UPDATE tenants SET status = 'suspended' WHERE id = @Id", new { tenant.Id });
        await platform.KeysAsync(tenant.Slug.ToString());
        foreach (var path in new[] { "/.well-known/jwks.json", "/.well-known/revocations" })
        {
            (await platform.Anonymous().GetAsync($"{path}?tenant={Guid.NewGuid()}")).ShouldBe(404, "TENANT.NOT_FOUND");
            (await platform.Anonymous().GetAsync($"{path}?tenant=%27%20OR%201%3D1")).ShouldBe(404, "TENANT.NOT_FOUND");
            Assert.NotNull((await platform.Anonymous().GetAsync(path)).ShouldBe(422, "VALIDATION.FAILED").Details["tenant"]);
        }
    }

    private static async Task<JsonArray> KeysAsync(LicensedTenant tenant) => (await tenant.Owner.GetAsync("/v1/tenant/signing-keys")).ShouldBe(200).Data.AsArray();

    private static async Task<string[]> StatusesAsync(LicensedTenant tenant) => [.. (await KeysAsync(tenant)).Select(key => (string)key!["status"]!)];
}
