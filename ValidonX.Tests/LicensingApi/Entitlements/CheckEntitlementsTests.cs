namespace ValidonX.Tests.LicensingApi.Entitlements;

/// <summary>CONTRACT §3, <c>entitlements/check</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class CheckEntitlementsTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Features_and_limits_are_told()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("export", true), ("beta", false), ("calls", 100), ("none", 0), ("tier", "gold"), ("activations.max", 4));
        (await tenant.App.RecordAsync(key, "calls", 30)).ShouldBe(202);
        (await tenant.App.ActivateAsync(key, "device")).ShouldBe(201);

        var answer = (await tenant.Apps[1].CheckAsync(key, "export", "beta", "calls", "none", "tier", "absent", "activations.max", "calls")).ShouldBe(200).Data["entitlements"]!;

        Assert.Equal(
            """{"export":{"granted":true,"value":true},"beta":{"granted":false,"value":false},"calls":{"granted":true,"value":100},"none":{"granted":false,"value":0},"tier":{"granted":true,"value":"gold"},"absent":{"granted":false,"value":null},"activations.max":{"granted":true,"value":4}}""",
            answer["features"]!.ToJsonString());
        Assert.Equal(
            """{"calls":{"limit":100,"type":"metered","used":30,"remaining":70},"none":{"limit":0,"type":"metered","used":0,"remaining":0},"activations.max":{"limit":4,"type":"metered","used":1,"remaining":3}}""",
            answer["limits"]!.ToJsonString());
    }

    [Fact]
    public async Task A_license_that_is_not_in_force_grants_nothing()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(("export", true));
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);

        Assert.False((bool)(await tenant.App.CheckAsync(key, "export")).ShouldBe(200).Data["entitlements"]!["features"]!["export"]!["granted"]!);

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.App.CheckAsync(key, "export")).ShouldBe(403, "LICENSE.REVOKED");
    }

    [Fact]
    public async Task Unknown_licenses_and_bad_fields_are_told_apart()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, foreign) = await theirs.CreateLicenseAsync();

        (await ours.App.CheckAsync(foreign, "a")).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await ours.App.CheckAsync("ключ", "a")).ShouldBe(404, "LICENSE.NOT_FOUND");
        Assert.Equal(
            ["features", "license_key"],
            (await ours.App.PostAsync("/v1/integration/entitlements/check", new { features = Array.Empty<string>() })).ShouldBe(422, "VALIDATION.FAILED")
                .Details.AsObject().Select(field => field.Key));
        foreach (var features in new object[] { "a", new[] { 1 }, new[] { "" }, new[] { new string('x', 101) }, Enumerable.Range(0, 101).Select(i => $"f{i}") })
        {
            (await ours.App.PostAsync("/v1/integration/entitlements/check", new { license_key = "K", features })).ShouldBe(422, "VALIDATION.FAILED");
        }
    }
}
