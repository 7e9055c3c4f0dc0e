using ValidonX.Platform.Alerts;
using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.Alerts;

/// <summary><c>/v1/admin/alerts</c> and <c>/v1/tenant/alerts</c>: who sees what is wrong, and what they do about it.</summary>
[Collection(LicensingCollection.Name)]
public sealed class AlertBoardTests(LicensingPlatform platform)
{
    private const string Path = "/v1/admin/alerts";
    private const string Own = "/v1/tenant/alerts";

    [Fact]
    public async Task Operators_find_alerts_by_tenant_kind_status_and_severity_page_by_page()
    {
        var tenant = await platform.CreateTenantAsync();
        var ids = new List<string>();
        foreach (var kind in AlertKinds.All)
        {
            ids.Add(await OpenAsync(tenant.Id, kind, minutes: ids.Count));
        }

        ids.Reverse();
        var first = (await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&limit=5")).ShouldBe(200);
        var rest = (await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&limit=5&cursor={(string)first.Meta["next_cursor"]!}")).ShouldBe(200);

        Assert.Equal(ids, first.Data.AsArray().Concat(rest.Data.AsArray()).Select(alert => (string?)alert!["id"]));
        Assert.Equal(["error_rate"], await KindsAsync($"{Path}?tenant_id={tenant.Id}&kind=error_rate"));
        Assert.Equal(["provisioning_failed", "quota_reached", "error_rate"], await KindsAsync($"{Path}?tenant_id={tenant.Id}&severity=critical"));
        Assert.Empty(await KindsAsync($"{Path}?tenant_id={tenant.Id}&status=closed"));
        (await platform.Operator().GetAsync($"{Path}?kind=bad_mood")).ShouldBe(422, "VALIDATION.FAILED");

        var shown = (await platform.Operator().GetAsync($"{Path}/{ids[0]}")).ShouldBe(200).Data["alert"]!;
        Assert.Equal((tenant.Slug, "open", 50, 5), ((string)shown["tenant_slug"]!, (string)shown["status"]!, (double)shown["value"]!, (double)shown["threshold"]!));
        (await platform.Operator().GetAsync($"{Path}/{Guid.NewGuid()}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task An_alert_is_acknowledged_once_closed_once_and_both_are_recorded()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = await OpenAsync(tenant.Id, AlertKinds.ErrorRate);

        var taken = (await platform.Operator().PostAsync($"{Path}/{id}/acknowledge")).ShouldBe(200).Data["alert"]!;
        Assert.Equal(("acknowledged", "operator"), ((string)taken["status"]!, (string)taken["acknowledged_by"]!));
        var again = (await tenant.Owner.PostAsync($"{Own}/{id}/acknowledge")).ShouldBe(200).Data["alert"]!;
        Assert.Equal(("operator", (string)taken["acknowledged_at"]!), ((string)again["acknowledged_by"]!, (string)again["acknowledged_at"]!));
        var closed = (await platform.Operator().PostAsync($"{Path}/{id}/close")).ShouldBe(200).Data["alert"]!;
        Assert.Equal(("closed", "operator"), ((string)closed["status"]!, (string)closed["closed_by"]!));
        (await platform.Operator().PostAsync($"{Path}/{id}/close")).ShouldBe(200);
        (await platform.Operator().PostAsync($"{Path}/{id}/acknowledge")).ShouldBe(409, "RESOURCE.CONFLICT");

        var entries = (await platform.Operator().GetAsync($"/v1/admin/audit-logs?target={id}")).ShouldBe(200).Data.AsArray();
        Assert.Equal(["alert.closed", "alert.acknowledged"], entries.Select(entry => (string?)entry!["action"]));
        Assert.Equal(("open", "acknowledged"), ((string)entries[1]!["before"]!["status"]!, (string)entries[1]!["after"]!["status"]!));
        Assert.Equal(tenant.Id.ToString(), (string?)entries[0]!["tenant_id"]);
    }

    [Fact]
    public async Task A_tenant_sees_its_own_alerts_but_not_what_compares_it_with_others()
    {
        var (tenant, neighbor) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var own = await OpenAsync(tenant.Id, AlertKinds.LatencyP95);
        var noisy = await OpenAsync(tenant.Id, AlertKinds.NoisyNeighbor);
        var others = await OpenAsync(neighbor.Id, AlertKinds.LatencyP95);

        var listed = (await tenant.User(TenantRole.Viewer).GetAsync(Own)).ShouldBe(200).Data.AsArray();
        Assert.Equal([own], listed.Select(alert => (string?)alert!["id"]));
        foreach (var id in (string[])[noisy, others, Guid.NewGuid().ToString(), "nonsense"])
        {
            (await tenant.Owner.PostAsync($"{Own}/{id}/acknowledge")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        }

        (await tenant.User(TenantRole.Developer).PostAsync($"{Own}/{own}/acknowledge")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        var taken = (await tenant.User(TenantRole.Admin).PostAsync($"{Own}/{own}/acknowledge")).ShouldBe(200).Data["alert"]!;
        Assert.Equal("user", (string?)taken["acknowledged_by"]);
        Assert.Equal("open", await platform.ScalarAsync<string>("SELECT status FROM alerts WHERE id = @others", new { others }));
        Assert.Equal("open", await platform.ScalarAsync<string>("SELECT status FROM alerts WHERE id = @noisy", new { noisy }));
    }

    [Fact]
    public async Task Thresholds_of_a_tenant_and_of_a_plan_are_kept_and_what_is_none_is_refused()
    {
        var tenant = await platform.CreateTenantAsync();
        foreach (var path in (string[])[$"/v1/admin/tenants/{tenant.Id}/alert-thresholds", "/v1/admin/plans/starter/alert-thresholds"])
        {
            Assert.Null((await platform.Operator().GetAsync(path)).ShouldBe(200).Data["p95_ms"]);
            (await platform.Operator().PutAsync(path, new { p95_ms = 500, quota_percent = 90 })).ShouldBe(200);
            (await platform.Operator().PutAsync(path, new { p95_ms = 700 })).ShouldBe(200);
            var kept = (await platform.Operator().GetAsync(path)).ShouldBe(200).Data;
            Assert.Equal(700, (long)kept["p95_ms"]!);
            Assert.Null(kept["quota_percent"]);
            var refused = (await platform.Operator().PutAsync(path, new { error_percent = 101, noisy_percent = 100, queue_age_s = "long" })).ShouldBe(422, "VALIDATION.FAILED");
            Assert.All((string[])["error_percent", "noisy_percent", "queue_age_s"], field => Assert.NotNull(refused.Details[field]));
            (await platform.Operator().PutAsync(path, new { })).ShouldBe(200);
        }

        (await platform.Operator().PutAsync($"/v1/admin/tenants/{Guid.NewGuid()}/alert-thresholds", new { })).ShouldBe(404, "TENANT.NOT_FOUND");
        (await platform.Operator().PutAsync("/v1/admin/plans/none/alert-thresholds", new { })).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task Whoever_edits_thresholds_sees_what_holds_and_who_says_so()
    {
        await platform.ExecuteAsync("REPLACE INTO platform_alert_thresholds VALUES (1, 200, 1000, 5, 2000, 20, 300, 80)");
        var plan = $"p-{Guid.NewGuid():N}"[..20];
        await platform.ExecuteAsync("INSERT INTO plans (code, name, position, price_cents, is_public) VALUES (@plan, 'Patient', 9, 0, 0)", new { plan });
        var tenant = await platform.CreateTenantAsync(plan);
        (await platform.Operator().PutAsync($"/v1/admin/plans/{plan}/alert-thresholds", new { p95_ms = 700, error_percent = 50 })).ShouldBe(200);
        (await platform.Operator().PutAsync($"/v1/admin/tenants/{tenant.Id}/alert-thresholds", new { error_percent = 70 })).ShouldBe(200);

        var ofTenant = (await platform.Operator().GetAsync($"/v1/admin/tenants/{tenant.Id}/alert-thresholds/effective")).ShouldBe(200).Data;
        Assert.Equal((70, "tenant"), Of(ofTenant, "error_percent"));
        Assert.Equal((700, "plan"), Of(ofTenant, "p95_ms"));
        Assert.Equal((300, "platform"), Of(ofTenant, "queue_age_s"));
        var ofPlan = (await platform.Operator().GetAsync($"/v1/admin/plans/{plan}/alert-thresholds/effective")).ShouldBe(200).Data;
        Assert.Equal((50, "plan"), Of(ofPlan, "error_percent"));
        Assert.Equal((80, "platform"), Of(ofPlan, "quota_percent"));

        (await platform.Operator().GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}/alert-thresholds/effective")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await platform.Operator().GetAsync("/v1/admin/plans/none/alert-thresholds/effective")).ShouldBe(404, "RESOURCE.NOT_FOUND");

        static (int, string) Of(System.Text.Json.Nodes.JsonNode shown, string name) => ((int)shown[name]!["value"]!, (string)shown[name]!["source"]!);
    }

    private async Task<IEnumerable<string?>> KindsAsync(string path) =>
        (await platform.Operator().GetAsync(path)).ShouldBe(200).Data.AsArray().Select(alert => (string?)alert!["kind"]);

    /// <summary>As the provisioner opens one.</summary>
    private async Task<string> OpenAsync(Guid tenant, string kind, int minutes = 0)
    {
        // Ids of one moment have no order.
        var id = Guid.CreateVersion7(DateTimeOffset.UtcNow.AddMinutes(minutes));
        await platform.ExecuteAsync(
            """
            INSERT INTO alerts (id, tenant_id, kind, severity, status, is_held, measured, threshold, peak, opened_at, last_seen_at)
            VALUES (@id, @tenant, @kind, @severity, 'open', 1, 50, 5, 60, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { id, tenant, kind, severity = AlertKinds.SeverityOf(kind) });
        return id.ToString();
    }
}
