using System.Text.Json.Nodes;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.Provisioner;

namespace ValidonX.Tests.LicensingApi.Bulk;

/// <summary>Changes of many licenses at once.</summary>
[Collection(CrowdCollection.Name)]
public sealed class BulkChangeTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/licenses/bulk";

    [Fact]
    public async Task Each_license_that_fits_is_changed_once_and_holds_everywhere()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.ImportAsync(Upload.LinesOf(450, "ACME"), Upload.Lines)).ShouldBe(202);
        await tenant.CreateLicenseAsync(new { key = "OTHER-1" });
        foreach (var app in tenant.Apps) Assert.True((bool)(await app.ValidateAsync("ACME-000449")).ShouldBe(200).Data["valid"]!);
        using var worker = await PlatformWorker.StartHereAsync(platform);

        Assert.Equal(450, (long)(await tenant.Owner.PostAsync(Path, new { action = "suspend", filter = new { search = "ACME" }, preview = true })).ShouldBe(200).Data["matched"]!);
        var asked = (await tenant.Owner.PostAsync(Path, new { action = "suspend", filter = new { search = "ACME", status = "active" } }, "bulk-1")).ShouldBe(202);
        var id = (string)asked.Data["job"]!["id"]!;
        Assert.Equal($"{Path}/{id}", asked.Header("Location"));
        Assert.Equal(450, (long)asked.Data["job"]!["matched"]!);
        Assert.Equal(id, (string?)(await tenant.Owner.PostAsync(Path, new { action = "suspend", filter = new { search = "ACME", status = "active" } }, "bulk-1")).ShouldBe(202).Data["job"]!["id"]);

        var ended = await EndAsync(tenant, id);
        Assert.Equal(("succeeded", 450L, 0L, (string?)null), ((string)ended["status"]!, (long)ended["done"]!, (long)ended["failed"]!, (string?)ended["error"]));
        foreach (var app in tenant.Apps) Assert.Equal("suspended", (string?)(await app.ValidateAsync("ACME-000449")).ShouldBe(200).Data["license"]!["status"]);
        Assert.Equal(450, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys WHERE status = 'suspended'"));
        await Until.TrueAsync(async () => await CountAsync(tenant, "license.suspended") == 450);
        Assert.Equal(1, await CountAsync(tenant, "licenses.bulk_requested"));
        Assert.Equal(1, await CountAsync(tenant, "licenses.bulk_changed"));
        var told = JsonNode.Parse((await platform.ScalarAsync<string>("SELECT details FROM audit_logs WHERE tenant_id = @Id AND action = 'license.suspended' LIMIT 1", new { tenant.Id }))!)!;
        Assert.Equal(("active", "suspended", id), ((string)told["before"]!["status"]!, (string)told["after"]!["status"]!, (string)told["bulk_change_id"]!));
    }

    [Fact]
    public async Task Reinstating_renewing_and_revoking_go_by_the_rules_of_one()
    {
        var tenant = await platform.CreateTenantAsync();
        var (first, _) = await tenant.CreateLicenseAsync(new { key = "FIRST-1", expires_at = "2020-01-01T00:00:00Z", grace_days = 0 });
        var (second, _) = await tenant.CreateLicenseAsync(new { key = "SECOND-1" });
        var (gone, _) = await tenant.CreateLicenseAsync(new { key = "GONE-01" });
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{gone}/revoke")).ShouldBe(200);
        using var worker = await PlatformWorker.StartHereAsync(platform);
        Guid[] ids = [first, second, gone];

        Assert.Equal((2L, 1L), await RunAsync(new { action = "renew", filter = new { ids }, expires_at = "2040-01-01T00:00:00Z" }));
        foreach (var app in tenant.Apps) Assert.True((bool)(await app.ValidateAsync("FIRST-1")).ShouldBe(200).Data["valid"]!);
        Assert.Equal((2L, 1L), await RunAsync(new { action = "suspend", filter = new { ids } }));
        Assert.Equal((2L, 1L), await RunAsync(new { action = "reinstate", filter = new { ids } }));
        Assert.Equal((2L, 1L), await RunAsync(new { action = "reinstate", filter = new { ids } }));
        Assert.Equal((3L, 0L), await RunAsync(new { action = "revoke", filter = new { ids } }));
        foreach (var app in tenant.Apps) (await app.ValidateAsync("SECOND-1")).ShouldBe(403, "LICENSE.REVOKED");
        await Until.TrueAsync(async () => await CountAsync(tenant, "license.revoked") == 3);
        Assert.Equal((2L, 2L, 2L), (await CountAsync(tenant, "license.renewed"), await CountAsync(tenant, "license.suspended"), await CountAsync(tenant, "license.reinstated")));

        async Task<(long Done, long Failed)> RunAsync(object change)
        {
            var ended = await EndAsync(tenant, (string)(await tenant.Owner.PostAsync(Path, change)).ShouldBe(202).Data["job"]!["id"]!);
            Assert.Equal("succeeded", (string?)ended["status"]);
            return ((long)ended["done"]!, (long)ended["failed"]!);
        }
    }

    [Fact]
    public async Task It_says_which_licenses_and_by_whom_or_is_refused()
    {
        var (tenant, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());

        var bad = (await tenant.Owner.PostAsync(Path, new { action = "delete", filter = new { }, expires_at = "soon" })).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject();
        Assert.Equal(["action", "expires_at", "filter"], bad.Select(field => field.Key));
        (await tenant.Owner.PostAsync(Path, new { action = "renew", filter = new { status = "active" } })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync(Path, new { action = "renew", filter = new { status = "active" }, expires_at = "2020-01-01T00:00:00Z" })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync(Path, new { action = "revoke", filter = new { status = "active" }, expires_at = "2040-01-01T00:00:00Z" })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.User(TenantRole.Viewer).PostAsync(Path, new { action = "revoke", filter = new { status = "active" } })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");

        for (var i = 0; i < 5; i++) (await tenant.Owner.PostAsync(Path, new { action = "revoke", filter = new { status = "active" } })).ShouldBe(202);
        (await tenant.Owner.PostAsync(Path, new { action = "revoke", filter = new { status = "active" } })).ShouldBe(409, "RESOURCE.CONFLICT");
        var listed = (await tenant.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray();
        Assert.Equal(5, listed.Count);
        var id = (string)listed[0]!["id"]!;
        (await other.Owner.GetAsync($"{Path}/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await other.Owner.PostAsync($"{Path}/{id}/cancel")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Empty((await other.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray());
        Assert.Equal("canceled", (string?)(await tenant.Owner.PostAsync($"{Path}/{id}/cancel")).ShouldBe(200).Data["job"]!["status"]);
        (await tenant.Owner.PostAsync($"{Path}/{id}/cancel")).ShouldBe(200);
        Assert.Equal(1, await CountAsync(tenant, "licenses.bulk_canceled"));
        foreach (var one in listed.Skip(1)) (await tenant.Owner.PostAsync($"{Path}/{(string)one!["id"]!}/cancel")).ShouldBe(200);
    }

    [Fact]
    public async Task Workers_that_are_killed_at_any_instant_change_each_license_once()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.ImportAsync(Upload.LinesOf(6_000, "KILL"), Upload.Lines)).ShouldBe(202);
        var id = (string)(await tenant.Owner.PostAsync(Path, new { action = "suspend", filter = new { status = "active" } })).ShouldBe(202).Data["job"]!["id"]!;
        var random = new Random(20260412);
        for (var round = 0; round < 3; round++)
        {
            var least = await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys WHERE status = 'suspended'") + random.Next(1, 1_200);
            await using var worker = WorkerProcess.Start(PlatformWorker.Configuration(platform));
            await Until.TrueAsync(async () => await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys WHERE status = 'suspended'") >= least);
        }

        using var last = await PlatformWorker.StartHereAsync(platform);
        var ended = await EndAsync(tenant, id);

        Assert.Equal(("succeeded", 6_000L, 0L), ((string)ended["status"]!, (long)ended["done"]!, (long)ended["failed"]!));
        Assert.Equal(6_000, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys WHERE status = 'suspended'"));
        await Until.TrueAsync(async () => await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox") == 0);
        Assert.Equal(6_000, await CountAsync(tenant, "license.suspended"));
        Assert.Equal(6_000, await platform.ScalarAsync<long>("SELECT COUNT(DISTINCT subject_id) FROM audit_logs WHERE tenant_id = @Id AND action = 'license.suspended'", new { tenant.Id }));
        Assert.Equal(1, await CountAsync(tenant, "licenses.bulk_changed"));
    }

    private static async Task<JsonNode> EndAsync(LicensedTenant tenant, string id)
    {
        JsonNode job = null!;
        await Until.TrueAsync(
            async () => (string?)(job = (await tenant.Owner.GetAsync($"{Path}/{id}")).ShouldBe(200).Data["job"]!)["status"] is "succeeded" or "failed",
            () => $"the change ends; it is {job}");
        return job;
    }

    private Task<long> CountAsync(LicensedTenant tenant, string action) =>
        platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = @action", new { tenant.Id, action });
}
