using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>CONTRACT §10, license files for machines that can ask nobody.</summary>
[Collection(LicensingCollection.Name)]
public sealed class LicenseFileTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_file_is_good_for_its_days_on_its_machine_and_nowhere_else()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(("export", true));
        (await tenant.App.ActivateAsync(key, "press-3")).ShouldBe(201);

        var made = (await FileAsync(tenant, id, new { instance_id = "press-3", days = 30 })).ShouldBe(201).Data;

        var keys = await platform.KeysAsync(tenant.Slug);
        var content = OfflineApp.ContentOf((string)made["file"]!);
        var claims = Jose.Verify(content, keys, "vx-license+jwt")!;
        Assert.Equal(((string?)made["id"], id.ToString()), ((string?)claims["jti"], (string?)claims["sub"]));
        Assert.Equal(DateTimeOffset.Parse((string)made["expires_at"]!, null).ToUnixTimeSeconds(), (long)claims["exp"]!);
        Assert.True((bool)claims["entitlements"]!["export"]!);
        var (press, other) = (new OfflineApp(tenant.Id, keys, "press-3"), new OfflineApp(tenant.Id, keys, "press-4"));
        Assert.Equal(OfflineVerdict.Good, press.Judge(content, DateTimeOffset.UtcNow.AddDays(29), "vx-license+jwt"));
        Assert.Equal(OfflineVerdict.Ended, press.Judge(content, DateTimeOffset.UtcNow.AddDays(31), "vx-license+jwt"));
        Assert.Equal(OfflineVerdict.Foreign, other.Judge(content, DateTimeOffset.UtcNow, "vx-license+jwt"));
        Assert.All(((string)made["file"]!).Split('\n'), line => Assert.InRange(line.Length, 0, 64));
    }

    [Fact]
    public async Task An_encrypted_file_is_read_with_the_license_key_and_with_no_other()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();

        var jwe = OfflineApp.ContentOf((string)(await FileAsync(tenant, id, new { days = 3, encrypt = true })).ShouldBe(201).Data["file"]!);

        Assert.Equal("vx-license+jwt", Jose.Header(jwe, "cty"));
        Assert.NotNull(Jose.Verify(Jose.Decrypt(jwe, key, id.ToString())!, await platform.KeysAsync(tenant.Slug), "vx-license+jwt"));
        Assert.Null(Jose.Decrypt(jwe, key + "x", id.ToString()));
        Assert.Null(Jose.Decrypt(jwe, key, Guid.NewGuid().ToString()));
    }

    [Fact]
    public async Task A_file_that_was_taken_back_is_on_the_list_and_in_the_audit_log()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, _) = await tenant.CreateLicenseAsync();
        var made = (await FileAsync(tenant, id, new { days = 30 })).ShouldBe(201).Data;
        var kept = (await FileAsync(tenant, id, new { days = 30 })).ShouldBe(201).Data;
        var app = new OfflineApp(tenant.Id, await platform.KeysAsync(tenant.Slug)) { Revocations = await platform.RevocationsAsync(tenant) };

        var revoked = (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/files/{(string)made["id"]!}/revoke")).ShouldBe(200).Data["license_file"]!;
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/files/{(string)made["id"]!}/revoke")).ShouldBe(200);

        Assert.NotNull(revoked["revoked_at"]);
        app.Revocations = await platform.RevocationsAsync(tenant);
        Assert.Equal(OfflineVerdict.Revoked, app.Judge(OfflineApp.ContentOf((string)made["file"]!), DateTimeOffset.UtcNow, "vx-license+jwt"));
        Assert.Equal(OfflineVerdict.Good, app.Judge(OfflineApp.ContentOf((string)kept["file"]!), DateTimeOffset.UtcNow, "vx-license+jwt"));
        Assert.Equal(
            [(string?)kept["id"], (string?)made["id"]],
            (await tenant.Owner.GetAsync($"/v1/tenant/licenses/{id}/files")).ShouldBe(200).Data.AsArray().Select(file => (string?)file!["id"]));
        Assert.Equal((2, 1), (
            await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM outbox WHERE type = 'license_file.created'"),
            await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM outbox WHERE type = 'license_file.revoked'")));
        Assert.Equal(0, await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM outbox WHERE data LIKE '%BEGIN VALIDONX%'"));
    }

    [Fact]
    public async Task A_key_is_published_as_long_as_a_file_that_it_signed_is_good()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, _) = await tenant.CreateLicenseAsync();
        var content = OfflineApp.ContentOf((string)(await FileAsync(tenant, id, new { days = 365 })).ShouldBe(201).Data["file"]!);

        (await tenant.Owner.PostAsync("/v1/tenant/signing-keys/rotate")).ShouldBe(200);

        var shown = (await tenant.Owner.GetAsync("/v1/tenant/signing-keys")).ShouldBe(200).Data.AsArray().Single(key => (string?)key!["id"] == Jose.Header(content, "kid"))!;
        Assert.InRange(DateTimeOffset.Parse((string)shown["published_until"]!, null), DateTimeOffset.UtcNow.AddDays(364), DateTimeOffset.UtcNow.AddDays(365));
        Assert.NotNull(Jose.Verify(content, await platform.KeysAsync(tenant.Slug), "vx-license+jwt"));
    }

    [Fact]
    public async Task Who_repeats_a_call_gets_the_same_file_and_what_is_not_good_gets_none()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();
        var (first, second) = (
            await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/file", new { days = 5 }, "once"),
            await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/file", new { days = 5 }, "once"));
        Assert.Equal(first.ShouldBe(201).Data.ToJsonString(), second.ShouldBe(201).Data.ToJsonString());
        Assert.Equal(1, await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM license_files"));

        Assert.NotNull((await FileAsync(tenant, id, new { instance_id = "nowhere" })).ShouldBe(422, "VALIDATION.FAILED").Details["instance_id"]);
        Assert.Equal(["days", "encrypt"], (await FileAsync(tenant, id, new { days = 0, encrypt = "no" })).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));
        (await FileAsync(tenant, Guid.NewGuid(), new { })).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);
        (await FileAsync(tenant, id, new { })).ShouldBe(422, "ACTIVATION.INVALID");
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await FileAsync(tenant, id, new { })).ShouldBe(403, "LICENSE.REVOKED");
        (await (await platform.CreateTenantAsync()).Owner.GetAsync($"/v1/tenant/licenses/{id}/files")).ShouldBe(404, "LICENSE.NOT_FOUND");
        Assert.NotEmpty(key);
    }

    private static Task<Answer> FileAsync(LicensedTenant tenant, Guid license, object file) => tenant.Owner.PostAsync($"/v1/tenant/licenses/{license}/file", file);
}
