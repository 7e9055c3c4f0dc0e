using System.Text.Json.Nodes;
using ValidonX.LicensingApi.Licenses;

namespace ValidonX.Tests.LicensingApi.Licenses;

/// <summary>CONTRACT §3, <c>licenses/{licenseKey}/validate</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ValidateLicenseTests(LicensingPlatform platform)
{
    [Fact]
    public async Task An_active_license_is_valid_cold_and_warm_on_every_replica()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(new
        {
            type = "subscription",
            expires_at = "2099-01-31T10:00:00Z",
            entitlements = new Dictionary<string, object> { ["b"] = true, ["a.max"] = 12.5, ["c"] = "\"quoted\" ünïcode" },
        });

        foreach (var app in (ApiCaller[])[.. tenant.Apps, .. tenant.Apps])
        {
            var answer = (await app.ValidateAsync(key)).ShouldBe(200);
            Assert.True((bool)answer.Data["valid"]!);
            var expected = $$$"""
                {"id":"{{{id}}}","key":"{{{key}}}","type":"subscription","status":"active","expires_at":"2099-01-31T10:00:00Z",
                 "entitlements":{"a.max":12.5,"b":true,"c":"\"quoted\" ünïcode"}}
                """;
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), answer.Data["license"]), answer.ToString());
        }
    }

    [Fact]
    public async Task Expiry_and_grace_are_judged_by_the_clock_at_the_moment_of_the_answer()
    {
        var tenant = await platform.CreateTenantAsync();
        var expiry = DateTimeOffset.UtcNow.AddHours(1);
        var (_, key) = await tenant.CreateLicenseAsync(new { expires_at = expiry, grace_days = 10 });
        (await tenant.App.ValidateAsync(key)).ShouldBe(200);

        foreach (var (ahead, isValid, status, hasGrace) in new[] { (0.0, true, "active", false), (1.0, true, "active", true), (12.0, false, "expired", false) })
        {
            var clock = new ShiftedClock(TimeSpan.FromDays(ahead));
            await using var replica = await platform.StartReplicaAsync(clock);
            var answer = (await tenant.AppAt(replica, clock.GetUtcNow()).ValidateAsync(key)).ShouldBe(200);
            Assert.Equal(isValid, (bool)answer.Data["valid"]!);
            Assert.Equal(status, (string?)answer.Data["license"]!["status"]);
            Assert.Equal(
                hasGrace ? expiry.AddDays(10).ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) : null,
                ((string?)answer.Data["license"]!["grace_period_ends_at"])?[..19]);
        }
    }

    [Fact]
    public async Task Suspended_is_200_and_not_valid_and_revoked_is_refused_on_every_replica_at_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();
        await EveryReplicaAsync(tenant, key, answer => Assert.True((bool)answer.ShouldBe(200).Data["valid"]!));

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);
        await EveryReplicaAsync(tenant, key, answer =>
        {
            Assert.False((bool)answer.ShouldBe(200).Data["valid"]!);
            Assert.Equal("suspended", (string?)answer.Data["license"]!["status"]);
        });

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/reinstate")).ShouldBe(200);
        await EveryReplicaAsync(tenant, key, answer => Assert.True((bool)answer.ShouldBe(200).Data["valid"]!));

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        await EveryReplicaAsync(tenant, key, answer => answer.ShouldBe(403, "LICENSE.REVOKED"));
    }

    [Theory]
    [InlineData("NO-SUCH-LICENSE")]
    [InlineData("лицензия")]
    [InlineData("a b")]
    [InlineData("' OR 1=1 -- ")]
    [InlineData("%")]
    [InlineData("a%2Fb")]
    public async Task A_key_that_is_none_is_not_found(string key)
    {
        var tenant = await platform.CreateTenantAsync();

        (await tenant.App.ValidateAsync(key)).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.ValidateAsync(new string('a', 6_000))).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Theory]
    [InlineData("with/slash+plus")]
    [InlineData("with%2Fescape")]
    [InlineData("with?query#fragment")]
    [InlineData("..%2F..%2Fadmin")]
    [InlineData("\"quoted\\back{slash}")]
    public async Task Any_visible_characters_make_a_key(string key)
    {
        var tenant = await platform.CreateTenantAsync();
        await tenant.CreateLicenseAsync(new { key });

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(key, (string?)(await tenant.App.ValidateAsync(key)).ShouldBe(200).Data["license"]!["key"]);
        }
    }

    [Fact]
    public async Task A_license_that_was_unknown_a_moment_ago_is_known_once_it_is_created()
    {
        var tenant = await platform.CreateTenantAsync();
        await EveryReplicaAsync(tenant, "SOON-THERE", answer => answer.ShouldBe(404, "LICENSE.NOT_FOUND"));

        await tenant.CreateLicenseAsync(new { key = "SOON-THERE" });

        await EveryReplicaAsync(tenant, "SOON-THERE", answer => answer.ShouldBe(200));
        (await tenant.App.ValidateAsync("soon-there")).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task Another_tenants_license_does_not_exist()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, key) = await theirs.CreateLicenseAsync();
        (await theirs.App.ValidateAsync(key)).ShouldBe(200);

        (await ours.App.ValidateAsync(key)).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task The_last_use_is_written_later_and_in_one_go()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();
        await using (var replica = await platform.StartReplicaAsync(new ClockWithoutRounds(LicenseUse.Interval)))
        {
            for (var i = 0; i < 20; i++)
            {
                (await tenant.AppAt(replica).ValidateAsync(key)).ShouldBe(200);
            }

            Assert.Null((string?)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{id}")).Data["license"]!["last_used_at"]);
        }

        // The replica has stopped, and wrote what it had noted.
        Assert.NotNull((string?)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{id}")).Data["license"]!["last_used_at"]);
    }

    private static async Task EveryReplicaAsync(LicensedTenant tenant, string key, Action<EndToEnd.Answer> check)
    {
        foreach (var app in (ApiCaller[])[.. tenant.Apps, .. tenant.Apps])
        {
            check(await app.ValidateAsync(key));
        }
    }

    /// <summary>The system's clock, but for timers of one period: those never come round.</summary>
    private sealed class ClockWithoutRounds(TimeSpan period) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan every) =>
            base.CreateTimer(callback, state, every == period ? Timeout.InfiniteTimeSpan : dueTime, every == period ? Timeout.InfiniteTimeSpan : every);
    }
}
