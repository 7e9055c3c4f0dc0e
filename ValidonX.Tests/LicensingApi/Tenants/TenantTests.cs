using Microsoft.Extensions.DependencyInjection;
using ValidonX.Coherence;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.LicensingApi.Tenants;

/// <summary>CONTRACT §6.1, <c>/v1/admin/tenants</c>. No provisioner runs here: its part of the rows is written by the tests.</summary>
[Collection(LicensingCollection.Name)]
public sealed class TenantTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_list_says_how_many_alerts_there_are_about_each_tenant_and_shows_those_with_or_without_any()
    {
        var (alerting, well) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        foreach (var (kind, status, held) in new[] { ("error_rate", "open", (int?)1), ("latency_p95", "acknowledged", 1), ("queue_age", "closed", null) })
        {
            await platform.ExecuteAsync(
                """
                INSERT INTO alerts (id, tenant_id, kind, severity, status, is_held, measured, threshold, peak, opened_at, last_seen_at)
                VALUES (UUID(), @Id, @kind, 'warning', @status, @held, 50, 5, 60, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
                """,
                new { alerting.Id, kind, status, held });
        }

        Assert.Equal(2, await AlertsAsync(alerting, ""));
        Assert.Equal(0, await AlertsAsync(well, ""));
        Assert.Equal(2, await AlertsAsync(alerting, "&health=alerting"));
        Assert.Null(await AlertsAsync(alerting, "&health=well"));
        Assert.Null(await AlertsAsync(well, "&health=alerting"));
        Assert.Equal(0, await AlertsAsync(well, "&health=well"));
        (await platform.Operator().GetAsync("/v1/admin/tenants?health=ill")).ShouldBe(422, "VALIDATION.FAILED");
        // The number is a list's: it changes without anybody changing the tenant.
        Assert.Null((await platform.Operator().GetAsync($"/v1/admin/tenants/{well.Id}")).ShouldBe(200).Data["tenant"]!["alerts"]);

        async Task<int?> AlertsAsync(LicensedTenant tenant, string filter) =>
            (int?)(await platform.Operator().GetAsync($"/v1/admin/tenants?search={tenant.Id}{filter}")).ShouldBe(200).Data.AsArray().SingleOrDefault()?["alerts"];
    }

    [Fact]
    public async Task A_tenant_is_created_with_its_place_owner_run_job_and_audit_event()
    {
        var name = $"Ünïted Widgets {Guid.NewGuid():N}"[..30];

        var created = (await platform.Operator().PostAsync("/v1/admin/tenants", new { name, plan = "pro", owner = new { email = $"{Guid.NewGuid():N}@tenant.example" } })).ShouldBe(202);

        var tenant = created.Data["tenant"]!;
        var id = Guid.Parse((string)tenant["id"]!);
        Assert.StartsWith("united-widgets-", (string?)tenant["slug"], StringComparison.Ordinal);
        Assert.Equal(("provisioning", "pro", "local", "one"), ((string)tenant["status"]!, (string)tenant["plan"]!, (string)tenant["region"]!, (string)tenant["database"]!["server"]!));
        Assert.StartsWith("vx_tenant_united_widgets_", (string?)tenant["database"]!["name"], StringComparison.Ordinal);
        Assert.Equal($"/v1/admin/tenants/{id}", created.Header("Location"));
        var stages = created.Data["run"]!["stages"]!.AsArray();
        Assert.Equal(ProvisioningStages.InOrder, stages.Select(stage => (string)stage!["name"]!));
        Assert.Equal(Enumerable.Range(1, 12), stages.Select(stage => (int)stage!["number"]!));
        Assert.All(stages, stage => Assert.Equal(("pending", 0), ((string)stage!["status"]!, (int)stage["attempts"]!)));

        var shown = (await platform.Operator(1).GetAsync($"/v1/admin/tenants/{id}")).ShouldBe(200);
        Assert.Equal(created.Data.ToJsonString(), shown.Data.ToJsonString());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @id AND kind = 'provision' AND status = 'pending'", new { id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @id AND role = 'owner'", new { id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @id AND action = 'tenant.created' AND actor_type = 'operator'", new { id }));
    }

    [Fact]
    public async Task Concurrent_sign_ups_for_one_slug_make_one_tenant()
    {
        var slug = $"s-{Guid.NewGuid():N}"[..20];

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => CreateAsync(slug, replica: i % 2)));

        Assert.Single(answers, answer => answer.Status == 202);
        Assert.All(answers.Where(answer => answer.Status != 202), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
    }

    [Fact]
    public async Task A_server_never_gets_more_tenants_than_it_takes()
    {
        var region = $"r-{Guid.NewGuid():N}"[..20];
        await platform.ExecuteAsync(
            """
            INSERT INTO database_servers (name, host, port, region, class, capacity, created_at, updated_at) VALUES
              (@a, '127.0.0.1', 1, @region, 'shared', 3, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
              (@b, '127.0.0.1', 2, @region, 'shared', 6, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { region, a = $"{region}-a", b = $"{region}-b" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 14).Select(i => CreateAsync($"s-{Guid.NewGuid():N}"[..20], region, i % 2)));

        var placed = answers.Where(answer => answer.Status == 202).Select(answer => (string)answer.Data["tenant"]!["database"]!["server"]!).CountBy(server => server).ToDictionary();
        Assert.Equal(new Dictionary<string, int> { [$"{region}-a"] = 3, [$"{region}-b"] = 6 }, placed);
        Assert.All(answers.Where(answer => answer.Status != 202), answer => answer.ShouldBe(503, "SERVER.UNAVAILABLE"));
        Assert.NotNull((await CreateAsync($"s-{Guid.NewGuid():N}"[..20], "nowhere")).ShouldBe(422, "VALIDATION.FAILED").Details["region"]);
    }

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var answer = (await platform.Operator().PostAsync("/v1/admin/tenants", new { name = " ", slug = "-No Slug!-", plan = "gold", region = "A B", owner = new { email = "none", name = 3 } }))
            .ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["name", "owner.email", "owner.name", "plan", "region", "slug"], answer.Details.AsObject().Select(field => field.Key));
        Assert.NotNull((await platform.Operator().PostAsync("/v1/admin/tenants", new { name = "Acme" })).ShouldBe(422, "VALIDATION.FAILED").Details["owner.email"]);
    }

    [Fact]
    public async Task Lists_filter_and_search()
    {
        var slug = $"find-{Guid.NewGuid():N}"[..20];
        var id = (string)(await CreateAsync(slug)).ShouldBe(202).Data["tenant"]!["id"]!;

        foreach (var query in new[] { $"search={slug[3..]}", $"search={id}", $"search={slug}&status=provisioning&plan=starter" })
        {
            Assert.Equal(id, (string?)Assert.Single((await platform.Operator().GetAsync($"/v1/admin/tenants?{query}")).ShouldBe(200).Data.AsArray())!["id"]);
        }

        Assert.Empty((await platform.Operator().GetAsync($"/v1/admin/tenants?search={slug}&plan=pro")).ShouldBe(200).Data.AsArray());
        Assert.Empty((await platform.Operator().GetAsync("/v1/admin/tenants?search=%D0%BB%25_&plan=%D0%BB")).ShouldBe(200).Data.AsArray());
        (await platform.Operator().GetAsync("/v1/admin/tenants?status=gone")).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task States_change_as_they_may()
    {
        var tenant = await platform.CreateTenantAsync();
        var path = $"/v1/admin/tenants/{tenant.Id}";

        (await platform.Operator().PostAsync($"{path}/provision")).ShouldBe(409, "RESOURCE.CONFLICT");
        foreach (var (change, status) in new[] { ("suspend", "suspended"), ("suspend", "suspended"), ("reactivate", "active"), ("close", "closed") })
        {
            Assert.Equal(status, (string?)(await platform.Operator().PostAsync($"{path}/{change}")).ShouldBe(200).Data["tenant"]!["status"]);
        }

        (await platform.Operator().PostAsync($"{path}/reactivate")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await platform.Operator().PostAsync($"{path}/suspend")).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal(3, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action LIKE 'tenant.%'", new { tenant.Id }));

        var young = (string)(await CreateAsync($"s-{Guid.NewGuid():N}"[..20])).Data["tenant"]!["id"]!;
        foreach (var change in new[] { "suspend", "reactivate", "close", "provision" })
        {
            if (change != "close") (await platform.Operator().PostAsync($"/v1/admin/tenants/{young}/{change}")).ShouldBe(409, "RESOURCE.CONFLICT");
            (await platform.Operator().PostAsync($"/v1/admin/tenants/{Guid.NewGuid()}/{change}")).ShouldBe(404, "TENANT.NOT_FOUND");
            (await platform.Operator().PostAsync($"/v1/admin/tenants/nonsense/{change}")).ShouldBe(404, "TENANT.NOT_FOUND");
        }
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("running")]
    [InlineData("failed")]
    public async Task A_tenant_whose_provisioning_has_not_succeeded_can_be_closed_and_its_run_ends(string run)
    {
        var id = Guid.Parse((string)(await CreateAsync($"s-{Guid.NewGuid():N}"[..20])).ShouldBe(202).Data["tenant"]!["id"]!);
        await platform.ExecuteAsync(
            """
            UPDATE provisioning_runs SET status = @run WHERE tenant_id = @id;
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id SET s.status = @run WHERE r.tenant_id = @id AND s.number = 4;
            UPDATE jobs SET status = @run, lease_owner = IF(@run = 'running', 'somebody', NULL), due_at = IF(@run = 'failed', NULL, due_at) WHERE tenant_id = @id
            """,
            new { run, id });

        var path = $"/v1/admin/tenants/{id}";
        Assert.Equal("closed", (string?)(await platform.Operator().PostAsync($"{path}/close")).ShouldBe(200).Data["tenant"]!["status"]);
        Assert.Equal("closed", (string?)(await platform.Operator().PostAsync($"{path}/close")).ShouldBe(200).Data["tenant"]!["status"]);

        var told = (await platform.Operator().GetAsync(path)).ShouldBe(200).Data["run"]!;
        Assert.Equal("failed", (string?)told["status"]);
        Assert.DoesNotContain("running", told["stages"]!.AsArray().Select(stage => (string)stage!["status"]!));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @id AND (status <> 'failed' OR due_at IS NOT NULL OR lease_owner IS NOT NULL)", new { id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_closings WHERE tenant_id = @id AND deleted_at IS NULL", new { id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @id AND action = 'tenant.closed'", new { id }));
        (await platform.Operator().PostAsync($"{path}/provision")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await platform.Operator().PostAsync($"{path}/reactivate")).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    [Fact]
    public async Task Plans_are_rows_and_not_code()
    {
        var code = $"p{Guid.NewGuid():N}"[..20];
        object Request(string? plan) => new { name = "Acme", slug = $"s-{Guid.NewGuid():N}"[..20], plan, owner = new { email = $"{Guid.NewGuid():N}@tenant.example" } };
        (await platform.Operator().PostAsync("/v1/admin/tenants", Request(code))).ShouldBe(422, "VALIDATION.FAILED");

        await platform.ExecuteAsync("INSERT INTO plans (code, name, position, price_cents, is_public) VALUES (@code, 'Custom', 0, 1, 0)", new { code });
        await platform.Replicas[0].Services.GetRequiredService<ICoherence>().InvalidateAsync([Invalidation.Everything], TestContext.Current.CancellationToken);

        Assert.Equal(code, (string?)(await platform.Operator(1).PostAsync("/v1/admin/tenants", Request(code))).ShouldBe(202).Data["tenant"]!["plan"]);
        Assert.Equal("starter", (string?)(await platform.Operator().PostAsync("/v1/admin/tenants", Request(null))).ShouldBe(202).Data["tenant"]!["plan"]);
        Assert.DoesNotContain(code, (await platform.Anonymous().GetAsync("/v1/plans")).ShouldBe(200).Data.AsArray().Select(plan => (string)plan!["code"]!));
    }

    [Fact]
    public async Task A_failed_run_is_tried_again_from_the_stage_that_failed()
    {
        var id = (string)(await CreateAsync($"s-{Guid.NewGuid():N}"[..20])).ShouldBe(202).Data["tenant"]!["id"]!;
        await platform.ExecuteAsync(
            """
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            SET s.attempts = 1, s.status = CASE WHEN s.number < 3 THEN 'succeeded' WHEN s.number = 3 THEN 'failed' ELSE 'pending' END, s.error = CASE WHEN s.number = 3 THEN 'broken' END
            WHERE r.tenant_id = @id;
            UPDATE provisioning_runs SET status = 'failed', error = 'broken' WHERE tenant_id = @id;
            UPDATE jobs SET status = 'failed' WHERE tenant_id = @id
            """,
            new { id });

        var retried = (await platform.Operator().PostAsync($"/v1/admin/tenants/{id}/provision")).ShouldBe(202);

        Assert.Equal("pending", (string?)retried.Data["run"]!["status"]);
        Assert.Equal(["succeeded", "succeeded", "pending"], retried.Data["run"]!["stages"]!.AsArray().Take(3).Select(stage => (string)stage!["status"]!));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @id AND status = 'pending'", new { id }));
        (await platform.Operator().PostAsync($"/v1/admin/tenants/{id}/provision")).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    [Fact]
    public async Task The_first_key_is_revealed_exactly_once_however_many_ask()
    {
        var id = Guid.Parse((string)(await CreateAsync($"s-{Guid.NewGuid():N}"[..20])).ShouldBe(202).Data["tenant"]!["id"]!);
        var path = $"/v1/admin/tenants/{id}/api-key/reveal";
        (await platform.Operator().PostAsync(path)).ShouldBe(409, "RESOURCE.CONFLICT");
        var key = ApiKeyText.Create();
        var keyId = Guid.CreateVersion7();
        var services = platform.Replicas[0].Services;
        await platform.ExecuteAsync(
            """
            INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, sealed_key, scopes, allowed_ips, status, provisioned, created_at)
            VALUES (@keyId, @id, 'Default', @hash, @hint, @sealedKey, '[]', '[]', 'active', 1, UTC_TIMESTAMP(6))
            """,
            new
            {
                keyId,
                id,
                hash = services.GetRequiredService<ApiKeyHasher>().Hash(key),
                hint = key[^4..],
                sealedKey = services.GetRequiredService<SecretSealer>().Seal(key, SealedPurposes.ApiKey, keyId),
            });

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => platform.Operator(i % 2).PostAsync(path, null, "reveal-me")));

        var shown = Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(key, (string?)shown.Data["api_key"]);
        Assert.Matches(@"^[0-9a-f-]{36}\|[A-Za-z0-9_-]{43}$", (string?)shown.Data["bearer_token"]);
        Assert.All(answers.Where(answer => answer != shown), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        (await platform.Operator().PostAsync($"/v1/admin/tenants/{Guid.NewGuid()}/api-key/reveal")).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task Name_and_cluster_can_be_changed()
    {
        var tenant = await platform.CreateTenantAsync();
        var path = $"/v1/admin/tenants/{tenant.Id}";

        var changed = (await platform.Operator().PatchAsync(path, new { name = "New Name", cluster = "eu-west" })).ShouldBe(200).Data["tenant"]!;
        Assert.Equal(("New Name", "eu-west"), ((string)changed["name"]!, (string)changed["cluster"]!));
        Assert.Equal("eu-west", (string?)(await platform.Operator().PatchAsync(path, new { name = "Newer" })).ShouldBe(200).Data["tenant"]!["cluster"]);
        Assert.Null((string?)(await platform.Operator().PatchAsync(path, new { cluster = (string?)null })).ShouldBe(200).Data["tenant"]!["cluster"]);
        (await platform.Operator().PatchAsync(path, new { name = 3, cluster = "NO" })).ShouldBe(422, "VALIDATION.FAILED");
    }

    private Task<EndToEnd.Answer> CreateAsync(string slug, string region = "local", int replica = 0) =>
        platform.Operator(replica).PostAsync("/v1/admin/tenants", new { name = "Acme", slug, region, owner = new { email = $"{Guid.NewGuid():N}@tenant.example" } });
}
