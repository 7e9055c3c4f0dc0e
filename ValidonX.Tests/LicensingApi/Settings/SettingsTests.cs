using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Settings;

/// <summary>CONTRACT §6, <c>/v1/tenant/settings</c>: what is in force, and that nobody undoes what somebody else has changed meanwhile.</summary>
[Collection(LicensingCollection.Name)]
public sealed class SettingsTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/settings";

    [Fact]
    public async Task What_the_tenant_has_not_set_is_as_its_plan_has_it()
    {
        var plan = $"plan-{Guid.NewGuid():N}"[..20];
        await platform.ExecuteAsync(
            """
            INSERT INTO plans (code, name, position, is_public) VALUES (@plan, 'Its own', 9, 0);
            INSERT INTO plan_settings (plan_code, name, value) VALUES (@plan, 'timezone', '"Europe/Berlin"'), (@plan, 'license_grace_days', '14')
            """,
            new { plan });
        var tenant = await platform.CreateTenantAsync(plan);

        var fresh = await tenant.Owner.GetAsync(Path);
        Assert.Equal(
            """{"locale":"en","timezone":"Europe/Berlin","support_email":null,"support_url":null,"license_grace_days":14,"lease_hours":24,"lease_grace_hours":72,"customized":[]}""",
            fresh.ShouldBe(200).Data.ToJsonString());
        var (license, _) = await tenant.CreateLicenseAsync();
        Assert.Equal(14, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{license}")).Data["license"]!["grace_days"]!);

        var changed = (await PatchAsync(tenant.Owner, new { timezone = "Asia/Tokyo", license_grace_days = 3, support_url = "https://acme.example/help" }, Tag(fresh))).ShouldBe(200);
        Assert.Equal("""["license_grace_days","support_url","timezone"]""", changed.Data["customized"]!.ToJsonString());
        var (second, _) = await tenant.CreateLicenseAsync();
        Assert.Equal(3, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{second}")).Data["license"]!["grace_days"]!);
        var (third, _) = await tenant.CreateLicenseAsync(new { grace_days = 0 });
        Assert.Equal(0, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{third}")).Data["license"]!["grace_days"]!);

        var back = (await PatchAsync(tenant.Owner, new { timezone = (string?)null, license_grace_days = (int?)null }, Tag(changed))).ShouldBe(200);
        Assert.Equal(("Europe/Berlin", 14, "https://acme.example/help"), ((string)back.Data["timezone"]!, (int)back.Data["license_grace_days"]!, (string)back.Data["support_url"]!));
    }

    [Fact]
    public async Task Only_what_was_seen_is_changed()
    {
        var tenant = await platform.CreateTenantAsync();
        var seen = Tag((await tenant.Owner.GetAsync(Path)).ShouldBe(200));

        (await tenant.Owner.PatchAsync(Path, new { locale = "de" })).ShouldBe(428, "REQUEST.PRECONDITION_REQUIRED");
        (await PatchAsync(tenant.Owner, new { locale = "de" }, "unquoted")).ShouldBe(400, "REQUEST.MALFORMED");
        (await PatchAsync(tenant.Owner, new { locale = "de" }, "\"another\"")).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");
        (await PatchAsync(tenant.Owner, new { locale = "de" }, $"W/{seen}")).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");
        Assert.Equal("en", (string?)(await tenant.Owner.GetAsync(Path)).Data["locale"]);

        var changed = (await PatchAsync(tenant.Owner, new { locale = "de" }, $"\"another\", {seen}")).ShouldBe(200);
        (await PatchAsync(tenant.Owner, new { locale = "fr" }, seen)).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");
        var back = (await PatchAsync(tenant.Owner, new { locale = (string?)null }, Tag(changed))).ShouldBe(200);
        Assert.NotEqual(seen, Tag(back));
        (await PatchAsync(tenant.Owner, new { locale = "fr" }, seen)).ShouldBe(412, "REQUEST.PRECONDITION_FAILED");
        (await PatchAsync(tenant.Owner, new { locale = "es" }, "*")).ShouldBe(200);
    }

    [Fact]
    public async Task Of_many_who_change_what_they_all_have_seen_one_succeeds()
    {
        var tenant = await platform.CreateTenantAsync();
        var seen = Tag((await tenant.Owner.GetAsync(Path)).ShouldBe(200));

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(days =>
            tenant.User(TenantRole.Admin, days % 2).SendAsync(HttpMethod.Patch, Path, new { license_grace_days = days }, ("If-Match", seen))));

        var winner = Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer != winner), answer => answer.ShouldBe(412, "REQUEST.PRECONDITION_FAILED"));
        var now = (await tenant.Owner.GetAsync(Path)).ShouldBe(200);
        Assert.Equal(winner.Data.ToJsonString(), now.Data.ToJsonString());
        Assert.Equal(Tag(winner), Tag(now));
    }

    [Fact]
    public async Task What_is_known_already_is_not_sent_again()
    {
        var tenant = await platform.CreateTenantAsync();
        var tag = Tag((await tenant.Owner.GetAsync(Path)).ShouldBe(200));

        Assert.Equal(304, await StatusAsync(tag));
        Assert.Equal(304, await StatusAsync($"W/{tag}"));
        Assert.Equal(200, await StatusAsync("\"another\""));
        Assert.Equal(200, await StatusAsync("nonsense"));

        async Task<int> StatusAsync(string known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Path);
            request.Headers.Add("X-ValidonX-Internal-Context", tenant.SignForOwner("GET", Path));
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            using var response = await platform.Replicas[0].Client.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Bad_settings_are_told_all_at_once_and_not_everybody_may_change_them()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await PatchAsync(
                tenant.Owner, new { locale = "xx", timezone = "Mars/Olympus", support_email = "nobody", support_url = "javascript:alert(1)", license_grace_days = -1 }, "*"))
            .ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["license_grace_days", "locale", "support_email", "support_url", "timezone"], answer.Details.AsObject().Select(field => field.Key));
        foreach (var url in (string[])["http://acme.example", "https://user@acme.example/", "https://", "//acme.example"])
        {
            (await PatchAsync(tenant.Owner, new { support_url = url }, "*")).ShouldBe(422, "VALIDATION.FAILED");
        }

        (await PatchAsync(tenant.Owner, new { timezone = "UTC" }, "*")).ShouldBe(200);
        (await PatchAsync(tenant.User(TenantRole.Developer), new { locale = "de" }, "*")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await tenant.User(TenantRole.Viewer).GetAsync(Path)).ShouldBe(200);
    }

    private static Task<Answer> PatchAsync(ApiCaller caller, object change, string seen) => caller.SendAsync(HttpMethod.Patch, Path, change, ("If-Match", seen));

    private static string Tag(Answer answer) => answer.Header("ETag")!;
}
