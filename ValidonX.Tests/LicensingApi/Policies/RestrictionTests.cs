using System.Text.Json.Nodes;
using ValidonX.LicensingApi.Policies;

namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>Where and when a license is good: `LICENSE.RESTRICTED` on whatever asks for it.</summary>
[Collection(CrowdCollection.Name)]
public sealed class RestrictionTests(LicensingPlatform platform)
{
    [Theory]
    [InlineData("DE", null)]
    [InlineData("de", null)]
    [InlineData("DE-BE", null)]
    [InlineData("AT-9", null)]
    [InlineData("DE-BY", "region")]
    [InlineData("AT", "region")]
    [InlineData("FR", "region")]
    [InlineData(null, "region_unknown")]
    public async Task A_region_is_allowed_or_not(string? region, string? reason)
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { allowed_regions = new[] { "DE", "at-9" }, denied_regions = new[] { "DE-BY" } });
        var (_, key) = await tenant.CreateLicenseAsync(new { product_id = product });
        var (free, freeKey) = await tenant.CreateLicenseAsync(new { product_id = product, type = "floating", policy = new { allowed_regions = Array.Empty<string>(), denied_regions = Array.Empty<string>() } });
        var seat = (await tenant.App.ActivateAsync(freeKey, "a")).ShouldBe(201).Id();
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{free}/policy", new { })).ShouldBe(200);

        foreach (var answer in new[]
        {
            region is null ? await tenant.App.ValidateAsync(key) : await tenant.App.PostAsync($"/v1/integration/licenses/{key}/validate", new { region }),
            await tenant.App.PostAsync($"/v1/integration/licenses/{key}/validate", new { region, lease = true }),
            await tenant.App.TakeAsync(new { license_key = key, instance_id = "b", region }),
            await tenant.App.AskAsync(seat, new { region }),
            await tenant.App.BeatAsync(seat, new { region }),
            await tenant.App.PostAsync("/v1/integration/entitlements/check", new { license_key = key, features = new[] { "x" }, region }),
            await tenant.App.PostAsync("/v1/integration/licensing/resolve", new { license_key = key, region }),
        })
        {
            if (reason is null)
            {
                Assert.InRange(answer.Status, 200, 201);
            }
            else
            {
                Assert.Equal(reason, answer.ShouldBe(403, "LICENSE.RESTRICTED").Reason());
            }
        }

        (await tenant.App.ReleaseAsync(seat)).ShouldBe(200);
        (await tenant.App.PostAsync($"/v1/integration/licenses/{key}/validate", new { region = "Germany" })).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task A_license_can_be_good_from_later_on_and_in_some_hours_only()
    {
        var clock = new MovableClock(new DateTimeOffset(2026, 11, 26, 7, 0, 0, TimeSpan.Zero));
        await using var replica = await platform.StartReplicaAsync(clock);
        var tenant = await platform.CreateTenantAsync();
        var (_, later) = await tenant.CreateLicenseAsync(new { policy = new { valid_from = "2026-11-26T09:00:00Z" } });
        var (_, hours) = await tenant.CreateLicenseAsync(new { policy = new { allowed_hours = new { days = new[] { "thu" }, from = "09:00", to = "18:00", time_zone = "Europe/Berlin" } } });

        await RefusedAsync(later, "not_yet_valid", "2026-11-26T09:00:00Z");
        await RefusedAsync(hours, "hours", "2026-11-26T08:00:00Z");
        clock.Now = clock.Now.AddHours(1);
        var answer = (await AppNow().PostAsync($"/v1/integration/licenses/{hours}/validate", new { lease = true })).ShouldBe(200);
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(((string)answer.Data["lease"]!).Split('.')[1]))!;
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 17, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), (long)claims["grace_until"]!);
        await RefusedAsync(later, "not_yet_valid", "2026-11-26T09:00:00Z");
        clock.Now = clock.Now.AddHours(1);
        (await AppNow().ValidateAsync(later)).ShouldBe(200);
        clock.Now = clock.Now.AddHours(8);
        await RefusedAsync(hours, "hours", "2026-12-03T08:00:00Z");

        async Task RefusedAsync(string key, string reason, string retryAt)
        {
            var refused = (await AppNow().ValidateAsync(key)).ShouldBe(403, "LICENSE.RESTRICTED");
            Assert.Equal((reason, retryAt), (refused.Reason(), (string?)refused.Details["retry_at"]));
        }

        ApiCaller AppNow() => tenant.AppAt(replica, DateTimeOffset.UtcNow > clock.Now ? DateTimeOffset.UtcNow : clock.Now);
    }

    [Fact]
    public async Task What_is_not_in_force_is_no_matter_of_restrictions()
    {
        var tenant = await platform.CreateTenantAsync();
        var policy = new { allowed_regions = new[] { "DE" } };
        var (_, expired) = await tenant.CreateLicenseAsync(new { policy, expires_at = "2020-01-01T00:00:00Z" });
        var (id, key) = await tenant.CreateLicenseAsync(new { policy });
        Assert.Equal("license_expired", (await tenant.App.ValidateAsync(expired)).ShouldBe(200).Reason());
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);
        Assert.Equal("license_suspended", (await tenant.App.ValidateAsync(key)).ShouldBe(200).Reason());
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.App.ValidateAsync(key)).ShouldBe(403, "LICENSE.REVOKED");
    }

    [Theory]
    [InlineData("2026-03-28T22:59:00Z", null)] // Saturday, 23:59 in Berlin.
    [InlineData("2026-03-28T23:00:00Z", "2026-03-29T04:00:00Z")] // Midnight; at two the clocks go to three.
    [InlineData("2026-03-29T03:59:00Z", "2026-03-29T04:00:00Z")]
    [InlineData("2026-03-29T04:00:00Z", null)]
    [InlineData("2026-10-25T04:59:00Z", "2026-10-25T05:00:00Z")] // At three they have gone back to two.
    public void Hours_follow_the_clocks_of_the_zone_through_the_night(string now, string? end) =>
        Assert.Equal(
            end is null ? null : DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture),
            new AllowedHours { Days = ["sun"], From = "00:00", To = "06:00", TimeZone = "Europe/Berlin" }.EndOf(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("2026-11-27T21:59:00Z", false)] // Friday
    [InlineData("2026-11-27T22:00:00Z", true)]
    [InlineData("2026-11-28T05:59:00Z", true)] // Saturday, still Friday's night
    [InlineData("2026-11-28T06:00:00Z", false)]
    [InlineData("2026-11-28T23:00:00Z", false)]
    public void A_night_belongs_to_the_day_on_which_it_begins(string now, bool isOpen) =>
        Assert.Equal(
            isOpen,
            new AllowedHours { Days = ["fri"], From = "22:00", To = "06:00", TimeZone = "UTC" }.EndOf(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)) is not null);
}
