namespace ValidonX.Tests.LicensingApi.Resolution;

/// <summary>CONTRACT §3, <c>licensing/resolve</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ResolveLicenseTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Status_and_allowed_features_are_told()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(("a", true), ("b", false), ("c", 3), ("d", "text"));

        var answer = (await tenant.App.ResolveAsync(key, "a", "b", "x", "a")).ShouldBe(200).Data;
        Assert.Equal(
            $$$"""{"valid":true,"status":"active","allowed_features":["a"],"grace_period_ends_at":null,"expires_at":null,"license":{"id":"{{{id}}}","key":"{{{key}}}","type":"perpetual"}}""",
            answer.ToJsonString());
        Assert.Equal(["a", "c", "d"], (await tenant.Apps[1].ResolveAsync(key)).ShouldBe(200).Data["allowed_features"]!.AsArray().Select(code => (string)code!));

        await tenant.ExecuteAsync("UPDATE license_keys SET type = 'subscription', billing_status = 'past_due', billing_since = UTC_TIMESTAMP(6) - INTERVAL 1 DAY WHERE id = @id", new { id });
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/reinstate")).ShouldBe(200);
        var pastDue = (await tenant.App.ResolveAsync(key, "a")).ShouldBe(200).Data;
        Assert.Equal(("past_due", true), ((string)pastDue["status"]!, (bool)pastDue["valid"]!));
        Assert.InRange((DateTimeOffset)pastDue["grace_period_ends_at"]!, DateTimeOffset.UtcNow.AddDays(19.9), DateTimeOffset.UtcNow.AddDays(20.1));
    }

    [Fact]
    public async Task A_license_that_is_not_in_force_allows_nothing_and_a_revoked_one_does_not_exist()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(new { expires_at = "2020-01-01T00:00:00Z", entitlements = new Dictionary<string, object> { ["a"] = true } });

        var expired = (await tenant.App.ResolveAsync(key, "a")).ShouldBe(200).Data;
        Assert.Equal(("expired", false), ((string)expired["status"]!, (bool)expired["valid"]!));
        Assert.Empty(expired["allowed_features"]!.AsArray());
        Assert.Equal("2020-01-01T00:00:00Z", (string?)expired["expires_at"]);

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.App.ResolveAsync(key)).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.ResolveAsync("NO-SUCH")).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.PostAsync("/v1/integration/licensing/resolve", new { features = 3 })).ShouldBe(422, "VALIDATION.FAILED");
    }
}
