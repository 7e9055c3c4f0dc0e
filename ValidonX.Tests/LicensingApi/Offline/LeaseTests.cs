using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>CONTRACT §10, signed verdicts: what an app can rely on while it can ask nobody.</summary>
[Collection(LicensingCollection.Name)]
public sealed class LeaseTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_lease_says_what_validate_says_and_is_verified_by_any_library()
    {
        var tenant = await platform.CreateTenantAsync();
        var expiry = DateTimeOffset.UtcNow.AddDays(90);
        var (id, key) = await tenant.CreateLicenseAsync(new { type = "subscription", expires_at = expiry, entitlements = new { export = true, seats = 5 } });
        (await tenant.App.ActivateAsync(key, "laptop")).ShouldBe(201);
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        var answer = (await tenant.App.LeaseAsync(key, "laptop", "8c1f")).ShouldBe(200).Data;

        Assert.True((bool)answer["valid"]!);
        Assert.Equal((await tenant.App.ValidateAsync(key)).ShouldBe(200).Data["license"]!.ToJsonString(), answer["license"]!.ToJsonString());
        var lease = (string)answer["lease"]!;
        var keys = await platform.KeysAsync(tenant.Slug);
        Assert.Equal(keys, await platform.KeysAsync(tenant.Id.ToString(), replica: 1));
        var claims = Jose.Verify(lease, keys, "vx-lease+jwt")!;
        var issued = (long)claims["iat"]!;
        Assert.InRange(issued, before, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.True(Guid.TryParse((string?)claims["jti"], out _));
        claims.Remove("jti");
        Assert.Equal(
            $$"""
            {"iss":"validonx","aud":"{{tenant.Id}}","sub":"{{id}}","iat":{{issued}},"exp":{{issued + (24 * 3600)}},"grace_until":{{issued + (96 * 3600)}},"status":"active","type":"subscription","license_expires_at":{{expiry.ToUnixTimeSeconds()}},"entitlements":{"export":true,"seats":5},"instance_id":"laptop","nonce":"8c1f"}
            """.Trim(),
            claims.ToJsonString());
        Assert.All(JsonNode.Parse(keys)!["keys"]!.AsArray(), one => Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], one!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Who_does_not_ask_for_a_lease_gets_the_answer_as_ever()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        var plain = (await tenant.App.ValidateAsync(key)).ShouldBe(200).Data.ToJsonString();
        var path = $"/v1/integration/licenses/{key}/validate";

        Assert.Equal(plain, (await tenant.App.PostAsync(path, new { })).ShouldBe(200).Data.ToJsonString());
        Assert.Equal(plain, (await tenant.App.PostAsync(path, new { lease = false, nonce = "x", device = "ignored" })).ShouldBe(200).Data.ToJsonString());
        Assert.Equal(["lease", "nonce"], (await tenant.App.PostAsync(path, new { lease = "yes", nonce = 3 })).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task A_lease_ends_with_its_license_and_only_a_valid_license_has_one()
    {
        var tenant = await platform.CreateTenantAsync();
        var expiry = DateTimeOffset.UtcNow.AddHours(3);
        var (short_, shortKey) = await tenant.CreateLicenseAsync(new { expires_at = expiry });
        var claims = Jose.Verify(await tenant.App.LeasedAsync(shortKey), await platform.KeysAsync(tenant.Slug), "vx-lease+jwt")!;
        Assert.Equal((expiry.ToUnixTimeSeconds(), expiry.ToUnixTimeSeconds()), ((long)claims["exp"]!, (long)claims["grace_until"]!));

        var (suspended, suspendedKey) = await tenant.CreateLicenseAsync();
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{suspended}/suspend")).ShouldBe(200);
        var (_, expiredKey) = await tenant.CreateLicenseAsync(new { expires_at = DateTimeOffset.UtcNow.AddDays(-1) });
        foreach (var key in new[] { suspendedKey, expiredKey })
        {
            var answer = (await tenant.App.LeaseAsync(key)).ShouldBe(200).Data;
            Assert.False((bool)answer["valid"]!);
            Assert.Null(answer["lease"]);
        }

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{short_}/revoke")).ShouldBe(200);
        (await tenant.App.LeaseAsync(shortKey)).ShouldBe(403, "LICENSE.REVOKED");
        (await tenant.App.LeaseAsync("NO-SUCH-KEY")).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task An_instance_without_a_seat_gets_no_lease_so_that_one_seat_is_not_enough_for_many()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("activations.max", 1));
        var seat = (string)(await tenant.App.ActivateAsync(key, "one")).ShouldBe(201).Data["activation"]!["id"]!;

        (await tenant.App.LeaseAsync(key, "one")).ShouldBe(200);
        (await tenant.App.LeaseAsync(key, "two")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{seat}")).ShouldBe(200);
        (await tenant.App.LeaseAsync(key, "one")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
    }

    [Fact]
    public async Task The_tenants_settings_say_how_long_a_lease_is_on_every_replica_at_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        var keys = await platform.KeysAsync(tenant.Slug);
        foreach (var app in tenant.Apps)
        {
            await app.LeasedAsync(key);
        }

        (await tenant.Owner.SendAsync(HttpMethod.Patch, "/v1/tenant/settings", new { lease_hours = 2, lease_grace_hours = 0 }, ("If-Match", "*"))).ShouldBe(200);

        foreach (var app in tenant.Apps)
        {
            var claims = Jose.Verify(await app.LeasedAsync(key), keys, "vx-lease+jwt")!;
            Assert.Equal((7200, 7200), ((long)claims["exp"]! - (long)claims["iat"]!, (long)claims["grace_until"]! - (long)claims["iat"]!));
        }
    }

    [Fact]
    public async Task What_one_tenant_signs_nobody_takes_for_anothers()
    {
        var (one, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, key) = await one.CreateLicenseAsync();
        var (_, otherKey) = await other.CreateLicenseAsync();
        var (lease, otherLease) = (await one.App.LeasedAsync(key), await other.App.LeasedAsync(otherKey));
        var app = new OfflineApp(one.Id, await platform.KeysAsync(one.Slug));

        Assert.Equal(OfflineVerdict.Good, app.Judge(lease, DateTimeOffset.UtcNow));
        Assert.Equal(OfflineVerdict.Foreign, app.Judge(otherLease, DateTimeOffset.UtcNow));
        Assert.Equal(OfflineVerdict.Foreign, new OfflineApp(one.Id, await platform.KeysAsync(other.Slug)).Judge(lease, DateTimeOffset.UtcNow));
        // The right signature, another purpose.
        Assert.Null(Jose.Verify(lease, await platform.KeysAsync(one.Slug), "vx-license+jwt"));

        // A row of the one copied to the other opens nothing there: the other has no lease then, and never one by a foreign key.
        var stolen = await one.ScalarAsync<byte[]>("SELECT sealed_private FROM signing_keys WHERE slot = 'active'");
        await other.ExecuteAsync("UPDATE signing_keys SET sealed_private = @stolen", new { stolen });
        (await other.OwnerAt(platform.Replicas[1].Client).PostAsync($"/v1/tenant/signing-keys/rotate")).ShouldBe(200);
        Assert.Equal(500, (await other.App.LeaseAsync(otherKey)).Status);
    }

    [Fact]
    public async Task Keys_are_sealed_where_they_lie_and_made_once_whoever_asks_first()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();

        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => tenant.Apps[i % 2].LeasedAsync(key)));

        Assert.Single(leases.Select(lease => Jose.Header(lease, "kid")).Distinct());
        Assert.Equal(2, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM signing_keys"));
        var row = await tenant.ScalarAsync<byte[]>("SELECT sealed_private FROM signing_keys WHERE slot = 'active'");
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => System.Security.Cryptography.ECDsa.Create().ImportPkcs8PrivateKey(row, out _));
    }
}
