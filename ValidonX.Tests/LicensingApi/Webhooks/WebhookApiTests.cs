using ValidonX.Platform.Accounts;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Tests.LicensingApi.Webhooks;

/// <summary>CONTRACT §7, §10: a tenant's endpoints, within its plan, at addresses that may be called, with a secret that is shown once.</summary>
[Collection(LicensingCollection.Name)]
public sealed class WebhookApiTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/webhooks";

    private static readonly string[] Every = ["*"];

    [Fact]
    public async Task An_endpoint_is_made_shown_changed_and_deleted_and_its_secret_is_shown_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var created = (await tenant.Owner.PostAsync(Path, new { url = "https://hooks.acme.example/v?key=1", events = new[] { "license.created" }, description = "Orders" })).ShouldBe(201);
        var (id, secret) = ((string)created.Data["id"]!, (string)created.Data["secret"]!);
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", secret);
        Assert.Matches("^whpk_[A-Za-z0-9+/]{43}=$", (string)created.Data["public_key"]!);

        var shown = (await tenant.Owner.GetAsync($"{Path}/{id}")).ShouldBe(200);
        Assert.Equal(("https://hooks.acme.example/v?key=1", "enabled", false), ((string)shown.Data["url"]!, (string)shown.Data["status"]!, (bool)shown.Data["ordered"]!));
        Assert.Equal((string)created.Data["public_key"]!, (string)shown.Data["public_key"]!);
        Assert.DoesNotContain("whsec_", shown.ToString() + await tenant.Owner.GetAsync(Path), StringComparison.Ordinal);
        Assert.Equal(0L, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE subject_id = @id AND details LIKE '%whsec_%'", new { id }));

        var changed = (await tenant.Owner.PatchAsync($"{Path}/{id}", new { events = Every, ordered = true, description = (string?)null, status = "disabled" })).ShouldBe(200);
        Assert.Equal("[\"*\"]", changed.Data["events"]!.ToJsonString());
        Assert.Equal((true, "disabled", "asked"), ((bool)changed.Data["ordered"]!, (string)changed.Data["status"]!, (string)changed.Data["disabled_reason"]!));
        Assert.Null(changed.Data["description"]);
        (await tenant.Owner.PostAsync($"{Path}/{id}/test")).ShouldBe(409);
        Assert.Null((await tenant.Owner.PatchAsync($"{Path}/{id}", new { status = "enabled" })).ShouldBe(200).Data["disabled_reason"]);

        (await tenant.Owner.DeleteAsync($"{Path}/{id}")).ShouldBe(200);
        (await tenant.Owner.GetAsync($"{Path}/{id}")).ShouldBe(404);
        Assert.Empty((await tenant.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray());
    }

    [Theory]
    [InlineData("http://hooks.acme.example/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:169.254.169.254]/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://2852039166/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://localhost/")]
    [InlineData("https://api.internal/")]
    [InlineData("https://printer/")]
    [InlineData("https://user:secret@hooks.acme.example/")]
    [InlineData("https://hooks.acme.example/#part")]
    [InlineData("ftp://hooks.acme.example/")]
    [InlineData("/relative")]
    [InlineData("")]
    public async Task An_address_that_may_not_be_called_is_refused(string url)
    {
        var tenant = await platform.CreateTenantAsync();
        var answer = (await tenant.Owner.PostAsync(Path, new { url, events = new[] { "no.such" } })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.NotNull(answer.Details["url"]);
        Assert.NotNull(answer.Details["events"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000/hooks", true)]
    [InlineData("http://localhost/hooks", true)]
    [InlineData("http://10.0.0.1/", false)]
    [InlineData("https://hooks.acme.example/", true)]
    public void In_development_this_machine_is_a_receiver_too(string url, bool isGood) => Assert.Equal(isGood, WebhookAddress.ProblemOf(url, allowsLoopback: true, out _) is null);

    [Fact]
    public async Task The_plan_says_how_many_endpoints_there_may_be_and_of_many_who_come_at_once_no_more_get_one()
    {
        var tenant = await platform.CreateTenantAsync("pro");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.User(TenantRole.Admin, i % 2).PostAsync(Path, new { url = $"https://hooks{i}.acme.example/", events = Every })));

        Assert.Equal(5, answers.Count(answer => answer.Status == 201));
        var refused = answers.First(answer => answer.Status != 201).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
        Assert.Equal(("webhook_endpoints.max", 5), ((string)refused.Details["entitlement"]!, (int)refused.Details["limit"]!));
        (await tenant.Owner.DeleteAsync($"{Path}/{answers.First(answer => answer.Status == 201).Data["id"]}")).ShouldBe(200);
        (await tenant.Owner.PostAsync(Path, new { url = "https://hooks.acme.example/", events = Every })).ShouldBe(201);
    }

    [Fact]
    public async Task What_is_another_tenants_is_not_there()
    {
        var (tenant, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var id = (string)(await tenant.Owner.PostAsync(Path, new { url = "https://hooks.acme.example/", events = Every })).ShouldBe(201).Data["id"]!;
        var delivery = (string)(await tenant.Owner.PostAsync($"{Path}/{id}/test")).ShouldBe(202).Data["id"]!;

        foreach (var answer in new[]
        {
            await other.Owner.GetAsync($"{Path}/{id}"),
            await other.Owner.PatchAsync($"{Path}/{id}", new { status = "disabled" }),
            await other.Owner.DeleteAsync($"{Path}/{id}"),
            await other.Owner.PostAsync($"{Path}/{id}/test"),
            await other.Owner.PostAsync($"{Path}/{id}/rotate-secret"),
            await other.Owner.PostAsync($"{Path}/{id}/replay", new { from = "2026-01-01T00:00:00Z" }),
            await other.Owner.GetAsync($"{Path}/{id}/deliveries"),
            await other.Owner.GetAsync($"{Path}/deliveries/{delivery}"),
            await other.Owner.PostAsync($"{Path}/deliveries/{delivery}/redeliver"),
        })
        {
            answer.ShouldBe(404, "RESOURCE.NOT_FOUND");
        }

        Assert.Equal(delivery, (string)(await tenant.Owner.GetAsync($"{Path}/deliveries/{delivery}")).ShouldBe(200).Data["delivery"]!["id"]!);
    }

    [Fact]
    public async Task A_repeated_request_under_one_key_makes_one_endpoint_and_shows_the_same_secret()
    {
        var tenant = await platform.CreateTenantAsync();
        var body = new { url = "https://hooks.acme.example/", events = Every };

        var first = (await tenant.Owner.PostAsync(Path, body, "one")).ShouldBe(201);
        var second = (await tenant.Owner.PostAsync(Path, body, "one")).ShouldBe(201);

        Assert.Equal(first.Data.ToJsonString(), second.Data.ToJsonString());
        Assert.Single((await tenant.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray());
    }
}
