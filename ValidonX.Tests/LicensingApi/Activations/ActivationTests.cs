using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.Activations;

/// <summary>CONTRACT §3, activations, and §6.1, <c>/v1/tenant/activations</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ActivationTests(LicensingPlatform platform)
{
    [Fact]
    public async Task An_instance_is_activated_once_and_validated_on_every_replica()
    {
        var tenant = await platform.CreateTenantAsync();
        var (licenseId, key) = await tenant.CreateLicenseAsync();

        var created = (await tenant.App.PostAsync("/v1/integration/activations", new
        {
            license_key = key,
            instance_id = "laptop",
            device_fingerprint = "aa:bb",
            metadata = new { os = "linux" },
        })).ShouldBe(201).Data["activation"]!;
        Assert.Equal(
            ["activated_at", "created_at", "device_fingerprint", "id", "instance_id", "license_key_id", "metadata", "status"],
            created.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(licenseId.ToString(), (string?)created["license_key_id"]);

        var again = (await tenant.Apps[1].ActivateAsync(key, "laptop")).ShouldBe(200).Data["activation"]!;
        Assert.Equal(created.ToJsonString(), again.ToJsonString());
        Assert.Equal(
            (string?)created["id"],
            (string?)(await tenant.App.PostAsync("/v1/integration/activations", new { license_key = key, fingerprint = "laptop" })).ShouldBe(200).Data["activation"]!["id"]);

        foreach (var app in (ApiCaller[])[.. tenant.Apps, .. tenant.Apps])
        {
            var validity = (await app.PostAsync($"/v1/integration/activations/{(string)created["id"]!}/validate")).ShouldBe(200).Data;
            Assert.True((bool)validity["valid"]!);
            Assert.Equal(created.ToJsonString(), validity["activation"]!.ToJsonString());
            Assert.Equal(key, (string?)validity["license"]!["key"]);
        }
    }

    [Fact]
    public async Task Forty_concurrent_activations_on_ten_seats_give_exactly_ten()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("activations.max", 10));

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => tenant.Apps[i % 2].ActivateAsync(key, $"device-{i}")));

        Assert.Equal(10, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer =>
        {
            answer.ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
            Assert.Equal((10, 10), ((int)answer.Details["current"]!, (int)answer.Details["limit"]!));
        });
        Assert.Equal(10, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM activations"));
    }

    [Fact]
    public async Task One_instance_activated_concurrently_takes_one_seat()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("activations.max", 1));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.Apps[i % 2].ActivateAsync(key, "same")));

        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.Equal(11, answers.Count(answer => answer.Status == 200));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM activations"));
    }

    [Fact]
    public async Task The_plans_total_of_activations_is_never_exceeded()
    {
        var tenant = await platform.CreateTenantAsync("starter");
        await tenant.ExecuteAsync("UPDATE entitlements SET value = '7' WHERE license_id = '' AND code = 'activations.total'");
        var keys = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            keys.Add((await tenant.CreateLicenseAsync()).Key);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => tenant.Apps[i % 2].ActivateAsync(keys[i % 4], $"device-{i}")));

        Assert.Equal(7, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED"));
        Assert.Equal(7, await tenant.ScalarAsync<long>("SELECT CAST(used AS SIGNED) FROM usage_counters WHERE license_id = '' AND code = 'activations.total'"));

        var id = (string)answers.First(answer => answer.Status == 201).Data["activation"]!["id"]!;
        (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{id}")).ShouldBe(200);
        (await tenant.App.ActivateAsync(keys[3], "one-more")).ShouldBe(201);
    }

    [Theory]
    [InlineData("starter", 10)]
    [InlineData("pro", 50)]
    public async Task The_plan_gives_the_seats_of_a_license_that_names_none(string plan, int seats)
    {
        var tenant = await platform.CreateTenantAsync(plan);
        var (_, key) = await tenant.CreateLicenseAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, seats + 2).Select(i => tenant.Apps[i % 2].ActivateAsync(key, $"device-{i}")));

        Assert.Equal(seats, answers.Count(answer => answer.Status == 201));
    }

    [Fact]
    public async Task A_revoked_activation_frees_its_seat_on_every_replica_at_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("activations.max", 1));
        var id = (string)(await tenant.App.ActivateAsync(key, "old")).ShouldBe(201).Data["activation"]!["id"]!;
        foreach (var app in tenant.Apps)
        {
            (await app.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(200);
        }

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("revoked", (string?)(await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{id}")).ShouldBe(200).Data["activation"]!["status"]);
        }

        foreach (var app in tenant.Apps)
        {
            var validity = (await app.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(200).Data;
            Assert.False((bool)validity["valid"]!);
            Assert.Equal("revoked", (string?)validity["activation"]!["status"]);
        }

        (await tenant.App.ActivateAsync(key, "new")).ShouldBe(201);
        (await tenant.App.ActivateAsync(key, "old")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task Licenses_that_are_not_in_force_cannot_be_activated()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, expired) = await tenant.CreateLicenseAsync(new { expires_at = "2020-01-01T00:00:00Z" });
        var (_, inGrace) = await tenant.CreateLicenseAsync(new { expires_at = DateTimeOffset.UtcNow.AddDays(-1), grace_days = 5 });
        var (id, key) = await tenant.CreateLicenseAsync();
        var activation = (string)(await tenant.App.ActivateAsync(key, "device")).ShouldBe(201).Data["activation"]!["id"]!;

        (await tenant.App.ActivateAsync(expired, "device")).ShouldBe(422, "ACTIVATION.INVALID");
        (await tenant.App.ActivateAsync(inGrace, "device")).ShouldBe(201);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);
        (await tenant.App.ActivateAsync(key, "device")).ShouldBe(422, "ACTIVATION.INVALID");
        Assert.False((bool)(await tenant.App.PostAsync($"/v1/integration/activations/{activation}/validate")).ShouldBe(200).Data["valid"]!);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.App.ActivateAsync(key, "device")).ShouldBe(403, "LICENSE.REVOKED");
        (await tenant.App.PostAsync($"/v1/integration/activations/{activation}/validate")).ShouldBe(403, "LICENSE.REVOKED");
        (await tenant.App.ActivateAsync("NO-SUCH", "device")).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.ActivateAsync("лицензия", "device")).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task Activations_of_others_and_nonsense_are_not_found()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, key) = await theirs.CreateLicenseAsync();
        var foreign = (string)(await theirs.App.ActivateAsync(key, "device")).ShouldBe(201).Data["activation"]!["id"]!;

        foreach (var id in new[] { foreign, Guid.NewGuid().ToString(), "not-an-id", "%zz", new string('1', 4_000) })
        {
            (await ours.App.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
            (await ours.Owner.GetAsync($"/v1/tenant/activations/{id}")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
            (await ours.Owner.DeleteAsync($"/v1/tenant/activations/{id}")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        }

        (await theirs.App.PostAsync($"/v1/integration/activations/{foreign}/validate")).ShouldBe(200);
    }

    [Fact]
    public async Task A_vendor_lists_activations_by_license_and_status()
    {
        var tenant = await platform.CreateTenantAsync();
        var (first, firstKey) = await tenant.CreateLicenseAsync();
        var (_, secondKey) = await tenant.CreateLicenseAsync();
        var a = (string)(await tenant.App.ActivateAsync(firstKey, "a")).Data["activation"]!["id"]!;
        var b = (string)(await tenant.App.ActivateAsync(firstKey, "b")).Data["activation"]!["id"]!;
        var c = (string)(await tenant.App.ActivateAsync(secondKey, "c")).Data["activation"]!["id"]!;
        (await tenant.User(TenantRole.Developer).DeleteAsync($"/v1/tenant/activations/{a}")).ShouldBe(200);

        Assert.Equal([c, b, a], await IdsAsync(tenant, ""));
        Assert.Equal([b, a], await IdsAsync(tenant, $"?license_id={first}"));
        Assert.Equal([b], await IdsAsync(tenant, $"?license_id={first}&status=active"));
        Assert.Equal([a], await IdsAsync(tenant, "?status=revoked"));
        Assert.Equal([c], await IdsAsync(tenant, "?limit=1"));
        (await tenant.Owner.GetAsync("/v1/tenant/activations?license_id=nonsense&status=x")).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(a, (string?)(await tenant.Owner.GetAsync($"/v1/tenant/activations/{a}")).ShouldBe(200).Data["activation"]!["id"]);
        Assert.Equal(1, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{first}")).Data["license"]!["activations_count"]!);
    }

    private static async Task<IReadOnlyList<string>> IdsAsync(LicensedTenant tenant, string query) =>
        [.. (await tenant.Owner.GetAsync($"/v1/tenant/activations{query}")).ShouldBe(200).Data.AsArray().Select(item => (string)item!["id"]!)];
}
