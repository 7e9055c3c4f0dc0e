using System.Text.Json.Nodes;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.LicensingApi.Offline;

namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>CONTRACT §10, policies: every member holds by the product, is overridden by the license, and changes everywhere before the call returns.</summary>
[Collection(CrowdCollection.Name)]
public sealed class PolicyTests(LicensingPlatform platform)
{
    private static readonly object Whole = new
    {
        max_activations = 20,
        grace_days = 14,
        overage = "1.25x",
        expires_from = "first_activation",
        duration_days = 365,
        heartbeat_seconds = 60,
        lease_grace_seconds = 30,
        fingerprint_match = "all",
        churn = new { activations = 3, per_days = 30, cool_down_hours = 12 },
        offline_days = 7,
        allowed_regions = new[] { "DE", "AT" },
        denied_regions = new[] { "DE-BY" },
        valid_from = "2026-01-01T00:00:00Z",
        allowed_hours = new { days = new[] { "mon", "tue" }, from = "08:00", to = "18:00", time_zone = "Europe/Berlin" },
    };

    [Fact]
    public async Task A_policy_is_kept_shown_inherited_and_overridden_member_by_member()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(Whole);
        var policy = (await tenant.Owner.GetAsync($"/v1/tenant/products/{product}/policy")).ShouldBe(200).Data["policy"]!;
        Assert.True(JsonNode.DeepEquals(System.Text.Json.JsonSerializer.SerializeToNode(Whole), policy), policy.ToJsonString());
        Assert.True(JsonNode.DeepEquals(policy, (await tenant.Owner.GetAsync($"/v1/tenant/products/{product}")).Data["product"]!["policy"]));
        var (id, _) = await tenant.CreateLicenseAsync(new { product_id = product });
        Assert.True(JsonNode.DeepEquals(policy, (await LicenseAsync(tenant, id))["policy"]));
        Assert.All((await LicenseAsync(tenant, id))["policy_overrides"]!.AsObject(), member => Assert.Null(member.Value));

        var others = new JsonObject
        {
            ["max_activations"] = 1,
            ["grace_days"] = 0,
            ["overage"] = "none",
            ["expires_from"] = "creation",
            ["duration_days"] = 1,
            ["heartbeat_seconds"] = 5,
            ["lease_grace_seconds"] = 0,
            ["fingerprint_match"] = "any",
            ["churn"] = new JsonObject { ["activations"] = 0, ["per_days"] = 1, ["cool_down_hours"] = 0 },
            ["offline_days"] = 0,
            ["allowed_regions"] = new JsonArray(),
            ["denied_regions"] = new JsonArray("FR"),
            ["valid_from"] = "2025-01-01T00:00:00Z",
            ["allowed_hours"] = new JsonObject { ["days"] = null, ["from"] = "20:00", ["to"] = "04:00", ["time_zone"] = "UTC" },
        };
        foreach (var (name, value) in others)
        {
            var changed = (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{id}/policy", new JsonObject { [name] = value!.DeepClone() })).ShouldBe(200).Data["license"]!;
            foreach (var member in policy.AsObject())
            {
                Assert.True(JsonNode.DeepEquals(member.Key == name ? value : member.Value, changed["policy"]![member.Key]), $"{name}: {member.Key} is {changed["policy"]![member.Key]?.ToJsonString()}");
                Assert.True(JsonNode.DeepEquals(member.Key == name ? value : null, changed["policy_overrides"]![member.Key]), $"{name}: {member.Key} overrides");
            }
        }

        Assert.Equal(others.Select(one => one.Key).Order(StringComparer.Ordinal), policy.AsObject().Select(one => one.Key).Order(StringComparer.Ordinal));
        (await tenant.SetPolicyAsync(product, new { })).ShouldBe(200);
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{id}/policy", new { })).ShouldBe(200);
        Assert.Equal(
            """{"max_activations":null,"grace_days":null,"overage":"none","expires_from":"creation","duration_days":null,"heartbeat_seconds":600,"lease_grace_seconds":300,"fingerprint_match":"most","churn":null,"offline_days":null,"allowed_regions":null,"denied_regions":null,"valid_from":null,"allowed_hours":null}""",
            (await LicenseAsync(tenant, id))["policy"]!.ToJsonString());
    }

    [Fact]
    public async Task Bad_members_are_all_told_at_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { });

        var refused = (await tenant.SetPolicyAsync(product, new
        {
            max_activations = -1,
            grace_days = "x",
            overage = "3x",
            expires_from = "birth",
            duration_days = 0,
            heartbeat_seconds = 0,
            lease_grace_seconds = -1,
            fingerprint_match = "some",
            churn = new { activations = -1 },
            offline_days = 99_999,
            allowed_regions = new[] { "Germany" },
            denied_regions = "DE",
            valid_from = "tomorrow",
            allowed_hours = new { days = new[] { "someday" }, from = "8", to = "25:00", time_zone = "Mars/Phobos" },
        })).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "allowed_hours.days", "allowed_hours.from", "allowed_hours.time_zone", "allowed_hours.to", "allowed_regions", "churn.activations", "churn.per_days", "denied_regions",
                "duration_days", "expires_from", "fingerprint_match", "grace_days", "heartbeat_seconds", "lease_grace_seconds", "max_activations", "offline_days", "overage", "valid_from",
            ],
            refused);
        (await tenant.SetPolicyAsync(product, new { allowed_regions = new[] { "de" }, denied_regions = new[] { "DE" } })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { policy = new { overage = "3x" } })).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task Of_two_who_have_seen_the_same_policy_one_changes_it_and_the_other_is_told()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { grace_days = 1 });
        var (license, _) = await tenant.CreateLicenseAsync(new { product_id = product, policy = new { max_activations = 1 } });
        foreach (var path in new[] { $"/v1/tenant/products/{product}/policy", $"/v1/tenant/licenses/{license}/policy" })
        {
            var seen = (await tenant.User(TenantRole.Viewer).GetAsync(path)).ShouldBe(200).Header("ETag")!;

            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
                tenant.User(TenantRole.Developer, i % 2).SendAsync(HttpMethod.Put, path, new { offline_days = i, max_activations = 7 }, ("If-Match", seen))));
            var changed = Assert.Single(answers, answer => answer.Status == 200);
            Assert.All(answers.Where(answer => answer != changed), answer => answer.ShouldBe(412, "REQUEST.PRECONDITION_FAILED"));
            var after = (await tenant.Owner.GetAsync(path)).ShouldBe(200);
            Assert.Equal((Array.IndexOf(answers, changed), changed.Header("ETag")), ((int)after.Data["policy"]!["offline_days"]!, after.Header("ETag")));

            // One of several will do; who says nothing means whatever is there.
            (await tenant.Owner.SendAsync(HttpMethod.Put, path, new { offline_days = 9 }, ("If-Match", $"{seen}, {changed.Header("ETag")}"))).ShouldBe(200);
            (await tenant.Owner.PutAsync(path, new { offline_days = 10 })).ShouldBe(200);
            (await tenant.Owner.SendAsync(HttpMethod.Put, path, new { offline_days = 11 }, ("If-Match", "*"))).ShouldBe(200);
            (await tenant.Owner.SendAsync(HttpMethod.Put, path, new { offline_days = 12 }, ("If-Match", "no tag"))).ShouldBe(400, "REQUEST.MALFORMED");
            Assert.Equal(11, (int)(await tenant.Owner.GetAsync(path)).ShouldBe(200).Data["policy"]!["offline_days"]!);
        }

        // The product's first policy was a change, too.
        Assert.Equal((5L, 4L), (await tenant.ToldAsync("product.policy_changed", product), await tenant.ToldAsync("license.policy_changed", license.ToString())));
    }

    [Fact]
    public async Task Who_may_and_whose_it_is()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var product = await theirs.CreateProductAsync(new { });
        var (license, _) = await theirs.CreateLicenseAsync();

        (await ours.Owner.GetAsync($"/v1/tenant/products/{product}/policy")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await ours.SetPolicyAsync(product, new { })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await ours.Owner.PutAsync($"/v1/tenant/licenses/{license}/policy", new { })).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await ours.Owner.PostAsync($"/v1/tenant/licenses/{license}/transfer", new { customer = new { name = "X" } })).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await theirs.User(TenantRole.Viewer).GetAsync($"/v1/tenant/products/{product}/policy")).ShouldBe(200);
        (await theirs.User(TenantRole.Viewer).PutAsync($"/v1/tenant/products/{product}/policy", new { })).ShouldBe(403);
        (await theirs.User(TenantRole.Viewer).PutAsync($"/v1/tenant/licenses/{license}/policy", new { })).ShouldBe(403);
    }

    [Fact]
    public async Task A_change_of_a_products_policy_holds_for_all_its_licenses_on_every_replica_when_the_call_returns()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { grace_days = 10 });
        var keys = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            keys.Add((await tenant.CreateLicenseAsync(new { product_id = product, expires_at = DateTimeOffset.UtcNow.AddDays(-5) })).Key);
        }

        for (var round = 0; round < 6; round++)
        {
            (await tenant.SetPolicyAsync(product, new { grace_days = round % 2 == 0 ? 10 : 1 })).ShouldBe(200);
            foreach (var app in tenant.Apps)
            {
                foreach (var key in keys)
                {
                    var verdict = (await app.ValidateAsync(key)).ShouldBe(200);
                    Assert.Equal(round % 2 == 0, (bool)verdict.Data["valid"]!);
                    Assert.Equal(round % 2 == 0 ? null : "license_expired", verdict.Reason());
                }
            }
        }

        Assert.Equal(6, await tenant.ToldAsync("product.policy_changed", product));
        Assert.Equal("""[10,1]""", JsonNode.Parse((await tenant.ScalarAsync<string>("SELECT data FROM outbox WHERE type = 'product.policy_changed' ORDER BY position LIMIT 1, 1"))!) is { } told
            ? new JsonArray(told["before"]!["grace_days"]!.DeepClone(), told["after"]!["grace_days"]!.DeepClone()).ToJsonString()
            : null);
    }

    [Fact]
    public async Task Grace_comes_from_the_license_its_product_or_the_settings_and_lists_agree()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.SendAsync(HttpMethod.Patch, "/v1/tenant/settings", new { license_grace_days = 3 }, ("If-Match", "*"))).ShouldBe(200);
        var product = await tenant.CreateProductAsync(new { grace_days = 6 });
        var expiry = DateTimeOffset.UtcNow.AddDays(-5);
        var (bySettings, _) = await tenant.CreateLicenseAsync(new { expires_at = expiry });
        var (byProduct, _) = await tenant.CreateLicenseAsync(new { expires_at = expiry, product_id = product });
        var (own, _) = await tenant.CreateLicenseAsync(new { expires_at = expiry, product_id = product, grace_days = 0 });

        Assert.Equal([3, 6, 0], [.. new[] { bySettings, byProduct, own }.Select(id => (int)LicenseAsync(tenant, id).GetAwaiter().GetResult()["grace_days"]!)]);
        Assert.Equal([byProduct.ToString()], await ListAsync("active"));
        Assert.Equal([own.ToString(), bySettings.ToString()], await ListAsync("expired"));

        async Task<IReadOnlyList<string>> ListAsync(string status) =>
            [.. (await tenant.Owner.GetAsync($"/v1/tenant/licenses?status={status}")).ShouldBe(200).Data.AsArray().Select(one => (string)one!["id"]!)];
    }

    [Theory]
    [InlineData("none", 4, 4)]
    [InlineData("1.25x", 4, 5)]
    [InlineData("1.25x", 5, 6)]
    [InlineData("1.5x", 5, 7)]
    [InlineData("2x", 3, 6)]
    [InlineData("unlimited", 2, 12)]
    public async Task Overage_allows_so_many_seats_more(string overage, int seats, int allowed)
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { max_activations = seats, overage });
        var (_, key) = await tenant.CreateLicenseAsync(new { product_id = product });

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.Apps[i % 2].ActivateAsync(key, $"m{i}")));

        Assert.Equal(allowed, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal(allowed, (int)answer.ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED").Details["limit"]!));
    }

    [Fact]
    public async Task The_most_particular_number_of_seats_counts()
    {
        var tenant = await platform.CreateTenantAsync("starter");
        var product = await tenant.CreateProductAsync(new { max_activations = 3 });

        Assert.Equal(10, await SeatsAsync(new { }));
        Assert.Equal(3, await SeatsAsync(new { product_id = product }));
        Assert.Equal(2, await SeatsAsync(new { product_id = product, entitlements = new Dictionary<string, int> { ["activations.max"] = 2 } }));
        Assert.Equal(1, await SeatsAsync(new { product_id = product, entitlements = new Dictionary<string, int> { ["activations.max"] = 2 }, policy = new { max_activations = 1 } }));
        Assert.Equal(0, await SeatsAsync(new { policy = new { max_activations = 0 } }));

        async Task<int> SeatsAsync(object license)
        {
            var (_, key) = await tenant.CreateLicenseAsync(license);
            return (await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.App.ActivateAsync(key, $"m{i}")))).Count(answer => answer.Status == 201);
        }
    }

    [Fact]
    public async Task Time_counts_from_the_creation_or_from_the_first_activation_and_is_set_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { duration_days = 30 });
        var (created, _) = await tenant.CreateLicenseAsync(new { type = "trial", product_id = product });
        Near(DateTimeOffset.UtcNow.AddDays(30), (DateTimeOffset?)(await LicenseAsync(tenant, created))["expires_at"]);
        var given = DateTimeOffset.UtcNow.AddDays(3);
        var (own, _) = await tenant.CreateLicenseAsync(new { product_id = product, expires_at = given });
        Near(given, (DateTimeOffset?)(await LicenseAsync(tenant, own))["expires_at"]);

        (await tenant.SetPolicyAsync(product, new { duration_days = 30, expires_from = "first_activation" })).ShouldBe(200);
        var (first, key) = await tenant.CreateLicenseAsync(new { product_id = product });
        Assert.Null((await LicenseAsync(tenant, first))["expires_at"]);
        Assert.All(tenant.Apps, app => Assert.True((bool)app.ValidateAsync(key).GetAwaiter().GetResult().ShouldBe(200).Data["valid"]!));

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => tenant.Apps[i % 2].ActivateAsync(key, $"m{i}")));
        Assert.All(answers, answer => answer.ShouldBe(201));
        var expiry = (DateTimeOffset?)(await LicenseAsync(tenant, first))["expires_at"];
        Near(DateTimeOffset.UtcNow.AddDays(30), expiry);
        Assert.Equal(1, await tenant.ToldAsync("license.first_activated", first.ToString()));
        foreach (var app in tenant.Apps)
        {
            Assert.Equal(expiry, (DateTimeOffset?)(await app.ValidateAsync(key)).ShouldBe(200).Data["license"]!["expires_at"]);
        }

        // What was activated before its product said so is not first activated again.
        var (late, lateKey) = await tenant.CreateLicenseAsync(new { policy = new { max_activations = 5 } });
        (await tenant.App.ActivateAsync(lateKey, "a")).ShouldBe(201);
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{late}/policy", new { duration_days = 1, expires_from = "first_activation" })).ShouldBe(200);
        (await tenant.App.ActivateAsync(lateKey, "b")).ShouldBe(201);
        Assert.Null((await LicenseAsync(tenant, late))["expires_at"]);
    }

    [Fact]
    public async Task Offline_days_bound_what_is_signed()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { offline_days = 2 });
        var (id, key) = await tenant.CreateLicenseAsync(new { product_id = product });
        Assert.Equal((24, 48), await HoursAsync(key));
        Near(DateTimeOffset.UtcNow.AddDays(2), (DateTimeOffset?)(await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/file", new { days = 30 })).ShouldBe(201).Data["expires_at"]);

        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{id}/policy", new { offline_days = 10 })).ShouldBe(200);
        Assert.Equal((24, 240), await HoursAsync(key));
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{id}/policy", new { offline_days = 0 })).ShouldBe(200);
        Assert.Equal("offline", (await tenant.App.LeaseAsync(key)).ShouldBe(403, "LICENSE.RESTRICTED").Reason());
        Assert.Equal("offline", (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/file", new { days = 30 })).ShouldBe(403, "LICENSE.RESTRICTED").Reason());
        (await tenant.App.ValidateAsync(key)).ShouldBe(200);

        async Task<(long, long)> HoursAsync(string licenseKey)
        {
            var claims = Offline.Jose.Verify(await tenant.App.LeasedAsync(licenseKey), await platform.KeysAsync(tenant.Slug), "vx-lease+jwt")!;
            return (((long)claims["exp"]! - (long)claims["iat"]!) / 3600, ((long)claims["grace_until"]! - (long)claims["iat"]!) / 3600);
        }
    }

    [Fact]
    public async Task A_transfer_changes_the_holder_and_frees_the_seats()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(new { customer = new { name = "Old", email = "old@example.com" } });
        var seats = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            seats.Add((await tenant.App.ActivateAsync(key, $"m{i}")).ShouldBe(201).Id());
            (await tenant.Apps[1].AskAsync(seats[i])).ShouldBe(200);
        }

        var license = (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/transfer", new { customer = new { name = "New" } })).ShouldBe(200).Data["license"]!;
        Assert.Equal("""{"name":"New","email":null}""", license["customer"]!.ToJsonString());
        Assert.Equal(0, (int)license["activations_count"]!);
        foreach (var seat in seats)
        {
            Assert.All(tenant.Apps, app => Assert.Equal("revoked", app.AskAsync(seat).GetAwaiter().GetResult().ShouldBe(200).Reason()));
            Assert.Equal(1, await tenant.ToldAsync("activation.revoked", seat));
        }

        Assert.Equal(1, await tenant.ToldAsync("license.transferred", id.ToString()));
        (await tenant.App.ActivateAsync(key, "new")).ShouldBe(201);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/transfer", new { customer = new { name = "Third" }, free_seats = false })).ShouldBe(200);
        Assert.Equal(1, (int)(await LicenseAsync(tenant, id))["activations_count"]!);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/transfer", new { })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/transfer", new { customer = new { name = "X" } })).ShouldBe(409, "RESOURCE.CONFLICT");
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{id}/policy", new { })).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    private static async Task<JsonNode> LicenseAsync(LicensedTenant tenant, Guid id) => (await tenant.Owner.GetAsync($"/v1/tenant/licenses/{id}")).ShouldBe(200).Data["license"]!;

    private static void Near(DateTimeOffset expected, DateTimeOffset? actual) => Assert.InRange(actual!.Value, expected.AddMinutes(-1), expected.AddSeconds(1));
}
