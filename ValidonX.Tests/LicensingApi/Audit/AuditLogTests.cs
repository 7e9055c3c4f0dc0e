using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Provisioner.Audit;

namespace ValidonX.Tests.LicensingApi.Audit;

/// <summary>CONTRACT §10, the audit log as tenants and operators read it; how it is chained is tested with the provisioner.</summary>
[Collection(LicensingCollection.Name)]
public sealed class AuditLogTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/audit-logs";
    private const string Keys = "/v1/tenant/api-keys";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_told_with_who_made_it_by_which_request_and_what_it_changed()
    {
        var tenant = await platform.CreateTenantAsync();
        var created = (await tenant.Owner.PostAsync(Keys, new { name = "ci" })).ShouldBe(201);
        var id = (string)created.Data["id"]!;
        await platform.Operator().PutAsync($"/v1/admin/tenants/{tenant.Id}/api-keys/{id}/rate-limit", new { requests = 50, period_seconds = 10 });
        var revoked = (await tenant.Owner.DeleteAsync($"{Keys}/{id}")).ShouldBe(200);

        var entries = (await tenant.Owner.GetAsync($"{Path}?target={id}")).ShouldBe(200);

        Assert.DoesNotContain((string)created.Data["key"]!, entries.ToString(), StringComparison.Ordinal);
        Assert.Equal(["api_key.revoked", "api_key.rate_limit_changed", "api_key.created"], entries.Data.AsArray().Select(entry => (string?)entry!["action"]));
        var (last, limited, first) = (entries.Data[0]!, entries.Data[1]!, entries.Data[2]!);
        Assert.Equal(("user", "api_key", id), ((string)last["actor"]!["kind"]!, (string)last["target"]!["kind"]!, (string)last["target"]!["id"]!));
        Assert.Equal((string?)revoked.Meta["request_id"], (string?)last["request_id"]);
        Assert.Equal(("""{"status":"active"}""", """{"status":"revoked"}"""), (last["before"]!.ToJsonString(), last["after"]!.ToJsonString()));
        Assert.Equal("operator", (string?)limited["actor"]!["kind"]);
        Assert.Equal(
            ("""{"rate_limit":null}""", """{"rate_limit":{"requests":50,"period_seconds":10}}"""), (limited["before"]!.ToJsonString(), limited["after"]!.ToJsonString()));
        Assert.Null(first["before"]);
        Assert.Equal("ci", (string?)first["after"]!["name"]);
        Assert.Null(first["data"]);
        Assert.Null(first["tenant_id"]);
    }

    [Fact]
    public async Task A_tenant_sees_its_own_entries_and_only_from_an_admin_on()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var id = (string)(await theirs.Owner.PostAsync(Keys, new { name = "theirs" })).ShouldBe(201).Data["id"]!;
        await ours.Owner.PostAsync(Keys, new { name = "ours" });

        Assert.Empty((await ours.Owner.GetAsync($"{Path}?target={id}")).ShouldBe(200).Data.AsArray());
        Assert.Empty((await ours.Owner.GetAsync($"{Path}?tenant_id={theirs.Id}&target={id}")).ShouldBe(200).Data.AsArray());
        Assert.Single((await ours.Owner.GetAsync($"{Path}?action=api_key.created")).Data.AsArray());
        (await ours.User(TenantRole.Admin).GetAsync(Path)).ShouldBe(200);
        foreach (var path in (string[])[Path, $"{Path}/export"])
        {
            (await ours.User(TenantRole.Developer).GetAsync(path)).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
            (await ours.App.GetAsync(path)).ShouldBe(401);
        }

        (await ours.User(TenantRole.Viewer).PostAsync($"{Path}/verify")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
    }

    [Fact]
    public async Task It_is_filtered_by_action_actor_request_and_time_and_read_page_by_page()
    {
        var tenant = await platform.CreateTenantAsync();
        await WriteAsync(tenant.Id, 12);

        Assert.Equal(12, await CountAsync("action=filtered.*"));
        Assert.Equal(1, await CountAsync("action=filtered.7"));
        Assert.Equal(0, await CountAsync("action=filtered"));
        Assert.Equal(0, await CountAsync("action=%25*"));
        Assert.Equal(6, await CountAsync("actor=api_key&action=filtered.*"));
        Assert.Equal(6, await CountAsync("actor=odd&action=filtered.*"));
        Assert.Equal(1, await CountAsync("request_id=request-3"));
        Assert.Equal(4, await CountAsync("action=filtered.*&from=2026-01-01T00:03:00Z&to=2026-01-01T00:07:00Z"));

        var (pages, cursor) = (new List<string>(), "");
        do
        {
            var page = (await tenant.Owner.GetAsync($"{Path}?action=filtered.*&limit=5{cursor}")).ShouldBe(200);
            pages.AddRange(page.Data.AsArray().Select(entry => (string)entry!["action"]!));
            cursor = (string?)page.Meta["next_cursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(number => $"filtered.{number}"), pages);
        var bad = (await tenant.Owner.GetAsync($"{Path}?action=a'b&actor=%20x%20y&from=yesterday&to=2026-01-01T00:00:00Z&limit=0&cursor=!")).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["action", "actor", "cursor", "from", "limit"], bad.Details.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        (await tenant.Owner.GetAsync($"{Path}?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")).ShouldBe(422, "VALIDATION.FAILED");

        async Task<int> CountAsync(string query)
        {
            var answer = await tenant.Owner.GetAsync($"{Path}?limit=100&{query}");
            return answer.Status == 200 ? answer.Data.AsArray().Count : 0;
        }
    }

    [Fact]
    public async Task The_chain_is_checked_on_demand_and_a_tampered_entry_is_named()
    {
        var tenant = await platform.CreateTenantAsync();
        await WriteAsync(tenant.Id, 5);
        var waiting = (await tenant.Owner.PostAsync($"{Path}/verify")).ShouldBe(200).Data;
        Assert.Equal((true, 0L, 5L), ((bool)waiting["valid"]!, (long)waiting["checked"]!, (long)waiting["pending"]!));
        await LinkAsync(tenant.Id);

        var good = (await tenant.Owner.PostAsync($"{Path}/verify")).ShouldBe(200).Data;
        Assert.Equal((true, 5L, 0L), ((bool)good["valid"]!, (long)good["checked"]!, (long)good["pending"]!));
        Assert.Null(good["first_broken"]);
        var entries = (await tenant.Owner.GetAsync($"{Path}?action=filtered.*")).Data.AsArray();
        Assert.Equal((string?)good["head"]!["hash"], (string?)entries[0]!["hash"]);
        Assert.Equal((string?)entries[1]!["hash"], (string?)entries[0]!["previous_hash"]);

        var third = (string)entries[2]!["id"]!;
        await platform.ExecuteAsync("UPDATE audit_logs SET details = '{\"after\":{\"name\":\"other\"}}' WHERE id = @third", new { third });
        var bad = (await tenant.Owner.PostAsync($"{Path}/verify")).ShouldBe(200).Data;
        Assert.Equal((false, 2L, third, 3L, "changed"), ((bool)bad["valid"]!, (long)bad["checked"]!, (string)bad["first_broken"]!, (long)bad["first_broken_position"]!, (string)bad["reason"]!));
        var all = (await platform.Operator().PostAsync("/v1/admin/audit-logs/verify")).ShouldBe(200).Data;
        Assert.False((bool)all["valid"]!);
        Assert.True((int)all["chains"]! >= 1);
        Assert.Equal(third, (string?)(await platform.Operator().PostAsync("/v1/admin/audit-logs/verify", new { tenant_id = tenant.Id })).ShouldBe(200).Data["first_broken"]);
        await platform.ExecuteAsync("DELETE FROM audit_logs WHERE tenant_id = @Id; DELETE FROM audit_chains WHERE chain = @Id", new { tenant.Id });
    }

    [Fact]
    public async Task An_export_holds_every_entry_once_in_both_formats_and_no_formula()
    {
        var tenant = await platform.CreateTenantAsync();
        await WriteAsync(tenant.Id, 1_203);
        var user = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            "INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@user, @email, '=HYPERLINK(\"http://x\",\"y\")', NOW(), NOW())", new { user, email = $"{user:N}@x.example" });
        await WriteAsync(tenant.Id, 1, actor: ("user", user.ToString()), action: "named", at: new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
        await LinkAsync(tenant.Id);

        var lines = await DownloadAsync("action=filtered.*", "application/x-ndjson");
        var rows = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(1_203, rows.Select(row => (string?)row["id"]).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 1_203), rows.Select(row => (int)row["position"]!));
        Assert.All(rows.Zip(rows.Skip(1)), pair => Assert.Equal((string?)pair.First["hash"], (string?)pair.Second["previous_hash"]));

        var csv = (await DownloadAsync("format=csv", "text/csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1_205, csv.Length);
        Assert.StartsWith("id,action,actor_kind,", csv[0], StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"", csv.Single(line => line.Contains(",named.0,", StringComparison.Ordinal)), StringComparison.Ordinal);
        (await tenant.Owner.GetAsync($"{Path}/export?format=xml")).ShouldBe(422, "VALIDATION.FAILED");

        async Task<string> DownloadAsync(string query, string type)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}/export?{query}");
            request.Headers.Add("X-ValidonX-Internal-Context", tenant.SignForOwner("GET", $"{Path}/export"));
            using var response = await platform.Replicas[0].Client.SendAsync(request, Cancellation);
            Assert.Equal(200, (int)response.StatusCode);
            Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
            return await response.Content.ReadAsStringAsync(Cancellation);
        }
    }

    [Fact]
    public async Task A_refused_call_is_told_to_the_tenant_whose_user_made_it()
    {
        var tenant = await platform.CreateTenantAsync();
        // One of its own: what others make it refuse in the same minute would be counted together with this.
        await using var replica = await platform.StartReplicaAsync();
        var viewer = new ApiCaller(replica, platform, new CallerContext
        {
            Kind = CallerKind.User,
            CallerId = Guid.CreateVersion7(),
            TenantId = tenant.Id,
            ServerName = tenant.Placement.ServerName,
            DatabaseName = tenant.Placement.Database.Value,
            Role = TenantRole.Viewer,
            ExpiresAt = LicensingPlatform.InAMinute,
        });

        (await viewer.PostAsync(Keys, new { name = "no" })).ShouldBe(403);

        await Until.TrueAsync(async () => (await tenant.Owner.GetAsync($"{Path}?action=access.refused")).Data.AsArray().Count == 1);
        var entry = (await platform.Operator().GetAsync($"/v1/admin/audit-logs?action=access.refused&tenant_id={tenant.Id}")).ShouldBe(200).Data[0]!;
        Assert.Equal("POST /v1/tenant/api-keys/", (string?)entry["target"]!["id"]);
        Assert.Equal("AUTH.INSUFFICIENT_PERMISSIONS", (string?)entry["data"]!["reason"]);
    }

    private async Task LinkAsync(Guid tenant)
    {
        var linker = new AuditLinker(platform.Databases.Platform, new AuditSeal(Options.Create(platform.Databases.Secrets)), TimeProvider.System);
        while (await linker.LinkAsync(tenant, Cancellation) > 0)
        {
            // As many at a time as it takes.
        }
    }

    private Task WriteAsync(Guid tenant, int entries, (string Kind, string Id)? actor = null, string action = "filtered", DateTimeOffset? at = null)
    {
        var log = new AuditLog(TimeProvider.System);
        var began = at ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return platform.Databases.Platform.TransactAsync(
            (transaction, token) => log.WriteAsync(
                transaction,
                Enumerable.Range(0, entries).Select(number => new AuditEvent($"{action}.{number}", tenant)
                {
                    Id = Guid.CreateVersion7(began.AddMinutes(number)),
                    At = began.AddMinutes(number),
                    ActorType = actor?.Kind ?? (number % 2 == 0 ? "api_key" : "user"),
                    ActorId = actor?.Id ?? (number % 2 == 0 ? "even" : "odd"),
                    RequestId = $"request-{number}",
                    After = """{"name":"a, \"b\""}""",
                }),
                token),
            Cancellation);
    }
}
