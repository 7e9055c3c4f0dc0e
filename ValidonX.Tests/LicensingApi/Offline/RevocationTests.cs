namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>What was taken back reaches machines that ask for nothing else, and is never mistaken for being out of reach.</summary>
[Collection(LicensingCollection.Name)]
public sealed class RevocationTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Out_of_reach_and_revoked_are_never_confused()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();
        var lease = await tenant.App.LeasedAsync(key);
        var app = new OfflineApp(tenant.Id, await platform.KeysAsync(tenant.Slug)) { Revocations = await platform.RevocationsAsync(tenant) };
        var now = DateTimeOffset.UtcNow;

        // Whatever it cannot reach, it is told that its time runs out, never that it was revoked.
        Assert.Equal(OfflineVerdict.Good, app.Judge(lease, now));
        Assert.False(app.WantsNewRevocations(now.AddHours(23)));
        Assert.True(app.WantsNewRevocations(now.AddHours(25)));
        Assert.Equal(OfflineVerdict.GoodInGrace, app.Judge(lease, now.AddHours(25)));
        Assert.Equal(OfflineVerdict.Ended, app.Judge(lease, now.AddHours(97)));

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);

        Assert.Equal(OfflineVerdict.Good, app.Judge(lease, now));
        foreach (var replica in new[] { 0, 1 })
        {
            app.Revocations = await platform.RevocationsAsync(tenant, replica);
            Assert.Equal(OfflineVerdict.Revoked, app.Judge(lease, now));
            // It stays so, long after the lease has ended and the list is old.
            Assert.Equal(OfflineVerdict.Revoked, app.Judge(lease, now.AddDays(300)));
        }

        // A list that somebody else has made, or of another tenant, revokes nothing.
        var other = await platform.CreateTenantAsync();
        app.Revocations = await platform.RevocationsAsync(other);
        Assert.Equal(OfflineVerdict.Good, app.Judge(lease, now));
    }

    [Fact]
    public async Task A_freed_seat_ends_its_leases_and_a_seat_taken_again_has_new_ones()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        var seat = (string)(await tenant.App.ActivateAsync(key, "laptop")).ShouldBe(201).Data["activation"]!["id"]!;
        (await tenant.App.ActivateAsync(key, "desktop")).ShouldBe(201);
        var (lease, neighbors) = (await tenant.App.LeasedAsync(key, "laptop"), await tenant.App.LeasedAsync(key, "desktop"));
        var keys = await platform.KeysAsync(tenant.Slug);
        var (laptop, desktop) = (new OfflineApp(tenant.Id, keys, "laptop"), new OfflineApp(tenant.Id, keys, "desktop"));
        Assert.Equal(OfflineVerdict.Foreign, desktop.Judge(lease, DateTimeOffset.UtcNow));

        (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{seat}")).ShouldBe(200);

        laptop.Revocations = desktop.Revocations = await platform.RevocationsAsync(tenant, replica: 1);
        Assert.Equal(OfflineVerdict.Revoked, laptop.Judge(lease, DateTimeOffset.UtcNow));
        Assert.Equal(OfflineVerdict.Good, desktop.Judge(neighbors, DateTimeOffset.UtcNow));

        (await tenant.App.ActivateAsync(key, "laptop")).ShouldBe(201);
        // A lease of the very second of the revocation counts as given before it.
        var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromSeconds(2)));
        await using (later)
        {
            Assert.Equal(OfflineVerdict.Good, laptop.Judge(await tenant.AppAt(later).LeasedAsync(key, "laptop"), DateTimeOffset.UtcNow));
        }
    }

    [Fact]
    public async Task What_nobody_can_hold_up_any_more_leaves_the_list()
    {
        var tenant = await platform.CreateTenantAsync();
        var (old, _) = await tenant.CreateLicenseAsync();
        var (filed, _) = await tenant.CreateLicenseAsync();
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{filed}/file", new { days = 400 })).ShouldBe(201);
        foreach (var id in new[] { old, filed })
        {
            (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        }

        await tenant.ExecuteAsync("UPDATE license_keys SET updated_at = UTC_TIMESTAMP(6) - INTERVAL 61 DAY");

        var list = Jose.Verify(await platform.RevocationsAsync(tenant), await platform.KeysAsync(tenant.Slug), "vx-revocations+jwt")!;
        Assert.Equal([filed.ToString()], list["revoked"]!.AsArray().Select(one => (string?)one!["sub"]));
    }
}
