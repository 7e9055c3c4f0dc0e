using System.Text;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Bulk;

/// <summary>Licenses that come by the thousand.</summary>
[Collection(CrowdCollection.Name)]
public sealed class ImportTests(LicensingPlatform platform)
{
    private const string Imports = "/v1/tenant/licenses/imports";

    [Fact]
    public async Task Rows_become_licenses_as_if_each_were_made_alone()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = (string)(await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "studio", name = "Studio", key_prefix = "ST" })).ShouldBe(201).Data["product"]!["id"]!;

        var import = (await tenant.Owner.ImportAsync(
            "\uFEFFkey,Type,product,expires_at,grace_days,customer_name,customer_email,metadata,entitlements.export.pdf,entitlements.seats,entitlements.calls,entitlements.tier,status\r\n"
            + "ACME-000001,trial,studio,2031-01-02T03:04:05Z,7,\"Doe, \"\"Jane\"\"\",jane@example.com,\"{\"\"order\"\":\"\"A-1\"\"}\",TRUE,5,\"{\"\"limit\"\":10,\"\"hard\"\":true}\",gold,suspended\r\n"
            + "\r\n"
            + ",,studio,,,,,,,,,,\r\n")).ShouldBe(202);

        Assert.Equal(("completed", 2L, 2L, 0L), (import.Import().Status, import.Import().Rows, import.Import().Created, import.Import().Failed));
        Assert.Equal($"{Imports}/{import.Import().Id}", import.Header("Location"));
        var licenses = (await tenant.Owner.GetAsync("/v1/tenant/licenses")).ShouldBe(200).Data.AsArray();
        var first = licenses.Single(license => (string?)license!["key"] == "ACME-000001")!;
        Assert.Equal("trial", (string?)first["type"]);
        Assert.Equal("suspended", (string?)first["status"]);
        Assert.Equal(product, (string?)first["product_id"]);
        Assert.Equal("2031-01-02T03:04:05Z", (string?)first["expires_at"]);
        Assert.Equal(7, (int)first["grace_days"]!);
        Assert.Equal("Doe, \"Jane\"", (string?)first["customer"]!["name"]);
        Assert.Equal("""{"order":"A-1"}""", first["metadata"]!.ToJsonString());
        Assert.Equal("""{"calls":10,"export.pdf":true,"seats":5,"tier":"gold"}""", first["entitlements"]!.ToJsonString());
        Assert.StartsWith("ST-", (string?)licenses.Single(license => license != first)!["key"], StringComparison.Ordinal);
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT hard_limit FROM entitlements WHERE code = 'calls'"));
        Assert.Equal(2, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'license.created' AND data LIKE '%import_id%'"));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'licenses.imported'"));
    }

    [Fact]
    public async Task A_csv_says_the_rules_that_licenses_have_of_their_own()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "studio", name = "Studio" })).ShouldBe(201);

        var (id, _, rows, created, failed) = (await tenant.Owner.ImportAsync(
            """
            key,type,product,policy.max_activations,policy.grace_days,policy.overage,policy.expires_from,policy.duration_days,policy.heartbeat_seconds,policy.lease_grace_seconds,policy.fingerprint_match,Policy.Churn.Activations,policy.churn.per_days,policy.churn.cool_down_hours,policy.offline_days,policy.allowed_regions,policy.denied_regions,policy.valid_from,policy.allowed_hours.days,policy.allowed_hours.from,policy.allowed_hours.to,policy.allowed_hours.time_zone
            WHOLE-1,floating,studio, 20 ,14,1.25x,first_activation,365,60,30,all,3,30,12,7,"de, AT",DE-BY,2026-01-01T00:00:00Z,mon tue,08:00,18:00,Europe/Berlin
            PART-01,,studio,2,,,,,,,,,,,,[],,,,,,
            NONE-01,,studio,,,,,,,,,,,,,,,,,,,
            WRONG-1,,studio,many,,3x,,,,,,1,,,,Germany,,,,,,

            """)).ShouldBe(202).Import();

        Assert.Equal((4L, 3L, 1L), (rows, created, failed));
        var errors = System.Text.Json.Nodes.JsonNode.Parse((await tenant.Owner.ErrorsOfAsync(id))[4])!.AsObject();
        Assert.Equal(["policy.allowed_regions", "policy.churn.per_days", "policy.max_activations", "policy.overage"], errors.Select(error => error.Key).Order(StringComparer.Ordinal));
        var licenses = (await tenant.Owner.GetAsync("/v1/tenant/licenses")).ShouldBe(200).Data.AsArray().ToDictionary(license => (string)license!["key"]!, license => license!["policy_overrides"]!);
        Assert.Equal(
            """{"max_activations":20,"grace_days":14,"overage":"1.25x","expires_from":"first_activation","duration_days":365,"heartbeat_seconds":60,"lease_grace_seconds":30,"fingerprint_match":"all","churn":{"activations":3,"per_days":30,"cool_down_hours":12},"offline_days":7,"allowed_regions":["DE","AT"],"denied_regions":["DE-BY"],"valid_from":"2026-01-01T00:00:00Z","allowed_hours":{"days":["mon","tue"],"from":"08:00","to":"18:00","time_zone":"Europe/Berlin"}}""",
            licenses["WHOLE-1"].ToJsonString());
        Assert.Equal(("2", "[]"), (licenses["PART-01"]["max_activations"]!.ToJsonString(), licenses["PART-01"]["allowed_regions"]!.ToJsonString()));
        Assert.All(licenses["NONE-01"].AsObject(), member => Assert.Null(member.Value));

        // Or all of them in one cell, but not both.
        (await tenant.Owner.ImportAsync("key,policy\nCELL-01,\"{\"\"max_activations\"\":3,\"\"churn\"\":{\"\"activations\"\":1,\"\"per_days\"\":2}}\"\n")).ShouldBe(202);
        var cell = (await tenant.Owner.GetAsync("/v1/tenant/licenses?search=CELL-01")).ShouldBe(200).Data[0]!["policy_overrides"]!;
        Assert.Equal((3, 2), ((int)cell["max_activations"]!, (int)cell["churn"]!["per_days"]!));
        var head = (await tenant.Owner.ImportAsync("key,policy,policy.overage,policy.price\n")).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject();
        Assert.Equal(["policy", "policy.price"], head.Select(field => field.Key));
    }

    [Fact]
    public async Task Every_bad_row_is_told_with_all_that_is_wrong_and_stops_no_other()
    {
        var tenant = await platform.CreateTenantAsync();
        await tenant.CreateLicenseAsync(new { key = "TAKEN-1" });
        byte[] lines =
        [
            .. Encoding.UTF8.GetBytes(
                """
                {"key":"GOOD-01"}
                {"key":"TAKEN-1"}
                {"key":"GOOD-01"}
                {"key":"a b","type":"rental","expires_at":"soon","grace_days":-1,"customer":{"email":"nobody"},"metadata":[],"entitlements":{"x":[]}}
                {"product":"none"}
                {"product_id":"0197a1c2-0000-7000-8000-000000000000"}
                {"key":"GOOD-02","key":"GOOD-03"}
                [1]
                {"key":
                """),
            .. "\n{\"customer\":{\"name\":\""u8, 0xC3, (byte)'(', .. "\"}}\n"u8,
            .. Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"a\":\"{new string('x', 1024 * 1024)}\"}}}}\n"),
            .. "\n  \n{\"key\":\"GOOD-04\"}"u8,
        ];

        var (id, status, rows, created, failed) = (await tenant.Owner.ImportAsync(lines, Upload.Lines)).ShouldBe(202).Import();

        Assert.Equal(("completed", 12L, 2L, 10L), (status, rows, created, failed));
        var errors = await tenant.Owner.ErrorsOfAsync(id);
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9, 10, 11], errors.Keys);
        Assert.Equal("""{"key":["A license with this key exists already."]}""", errors[2]);
        Assert.Equal(errors[2], errors[3]);
        Assert.All(["key", "type", "expires_at", "grace_days", "customer.email", "metadata", "entitlements.x"], field => Assert.Contains($"\"{field}\"", errors[4], StringComparison.Ordinal));
        Assert.Equal("""{"product":["There is no such product."]}""", errors[5]);
        Assert.Equal("""{"product_id":["There is no such product."]}""", errors[6]);
        Assert.All([7L, 8, 9, 10, 11], row => Assert.StartsWith("""{"row":[""", errors[row], StringComparison.Ordinal));
        Assert.Contains("UTF-8", errors[10], StringComparison.Ordinal);
        Assert.Contains("256 KiB", errors[11], StringComparison.Ordinal);

        var page = (await tenant.Owner.GetAsync($"{Imports}/{id}/errors?limit=3")).ShouldBe(200);
        Assert.Equal("4", (string?)page.Meta["next_cursor"]);
        Assert.Equal(5, (long)(await tenant.Owner.GetAsync($"{Imports}/{id}/errors?limit=3&cursor=4")).ShouldBe(200).Data[0]!["row"]!);
    }

    [Fact]
    public async Task Rows_with_more_errors_than_bytes_are_told_in_few_words()
    {
        var tenant = await platform.CreateTenantAsync();
        var row = $"{{\"entitlements\":{{{string.Join(',', Enumerable.Range(0, 200).Select(code => $"\"{code}\":[]"))}}}}}\n";

        var (id, status, rows, created, failed) = (await tenant.Owner.ImportAsync(string.Concat(Enumerable.Repeat(row, 1_200)), Upload.Lines)).ShouldBe(202).Import();

        Assert.Equal(("completed", 1_200L, 0L, 1_200L), (status, rows, created, failed));
        var first = System.Text.Json.Nodes.JsonNode.Parse((await tenant.Owner.ErrorsOfAsync(id))[1])!.AsObject();
        Assert.Equal((21, "More fields are not valid."), (first.Count, (string)first["row"]![0]!));
    }

    [Fact]
    public async Task A_csv_has_bad_rows_too()
    {
        var tenant = await platform.CreateTenantAsync();
        byte[] csv =
        [
            .. "key,grace_days,metadata,customer_name\n"u8,
            .. "ROW-0001,7\n"u8,
            .. "ROW-0002,seven,,\n"u8,
            .. "ROW-0003,,not json,\n"u8,
            .. "ROW-0004,,,\"quo\"te\n"u8,
            .. "ROW-0005,,,"u8, 0xFF, .. "\n"u8,
            .. "ROW-0006,,,\"two\nlines\"\n"u8,
            .. "ROW-0007,1,{},ok\n"u8,
        ];

        var (id, status, rows, created, failed) = (await tenant.Owner.ImportAsync(csv)).ShouldBe(202).Import();

        var errors = await tenant.Owner.ErrorsOfAsync(id);
        Assert.Equal(("completed", 7L, 1L), (status, rows, created));
        Assert.Equal(6, failed);
        Assert.Contains("2 cells", errors[1], StringComparison.Ordinal);
        Assert.Contains("grace_days", errors[2], StringComparison.Ordinal);
        Assert.Contains("metadata", errors[3], StringComparison.Ordinal);
        Assert.Contains("quotation mark", errors[4], StringComparison.Ordinal);
        Assert.Contains("customer_name", errors[5], StringComparison.Ordinal);
        Assert.Contains("control characters", errors[6], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quotation_mark_that_is_never_closed_ends_the_import_where_it_stands()
    {
        var tenant = await platform.CreateTenantAsync();
        var csv = $"key,customer_name\nROW-0001,a\nROW-0002,\"b\n{string.Concat(Enumerable.Repeat("ROW-0003,c\n", 40_000))}";

        var (id, status, rows, created, failed) = (await tenant.Owner.ImportAsync(csv, key: "open")).ShouldBe(202).Import();

        Assert.Equal(("failed", 2L, 1L, 1L), (status, rows, created, failed));
        Assert.Contains("not closed", (await tenant.Owner.ErrorsOfAsync(id))[2], StringComparison.Ordinal);
        Assert.Equal(id, (await tenant.Owner.ImportAsync(csv, key: "open")).ShouldBe(202).Import().Id);
    }

    [Fact]
    public async Task What_is_no_upload_of_licenses_is_refused_before_anything_is_done()
    {
        var tenant = await platform.CreateTenantAsync();

        (await tenant.Owner.ImportAsync("{}", "application/json")).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");
        (await tenant.Owner.ImportAsync("key\nABCDEF\n", "text/csv; charset=iso-8859-1")).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");
        (await tenant.Owner.ImportAsync("")).ShouldBe(422, "VALIDATION.FAILED");
        var head = (await tenant.Owner.ImportAsync("key,Key,price,entitlements.a b,entitlements,entitlements.x\n")).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject();
        Assert.Equal(["entitlements", "entitlements.a b", "key", "price"], head.Select(field => field.Key));
        (await tenant.Owner.ImportAsync(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("key\nABCDEF\n")).ToArray())).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.User(ValidonX.Platform.Accounts.TenantRole.Viewer).ImportAsync("key\nABCDEF\n")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");

        Assert.Equal(0, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Empty((await tenant.Owner.GetAsync(Imports)).ShouldBe(200).Data.AsArray());
    }

    [Fact]
    public async Task Nothing_comes_of_nothing()
    {
        var tenant = await platform.CreateTenantAsync();

        Assert.Equal(("completed", 0L), ((await tenant.Owner.ImportAsync("key\r\n")).ShouldBe(202).Import().Status, (await tenant.Owner.ImportAsync("", Upload.Lines)).ShouldBe(202).Import().Rows));
    }

    [Fact]
    public async Task The_plan_is_kept_to_exactly_also_beside_licenses_that_are_made_alone()
    {
        var tenant = await platform.CreateTenantAsync("starter");

        var imports = new[] { "one", "two" }.Select(prefix => tenant.Owner.ImportAsync(Upload.LinesOf(70, prefix), Upload.Lines)).ToList();
        var singles = Enumerable.Range(0, 20).Select(_ => tenant.Owner.PostAsync("/v1/tenant/licenses", new { })).ToList();
        var created = (await Task.WhenAll(imports)).Sum(answer => answer.ShouldBe(202).Import().Created) + (await Task.WhenAll(singles)).Count(answer => answer.Status == 201);

        Assert.Equal(100, created);
        Assert.Equal(100, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Equal(100, await tenant.ScalarAsync<long>("SELECT used FROM usage_counters WHERE license_id = '' AND code = 'licenses.max'"));
        var beyond = (await tenant.Owner.ImportAsync("key\nONE-MORE\n")).ShouldBe(202).Import();
        Assert.Equal("""{"row":["The plan allows 100 licenses."]}""", (await tenant.Owner.ErrorsOfAsync(beyond.Id))[1]);
    }

    [Fact]
    public async Task A_key_that_was_asked_for_in_vain_is_known_everywhere_when_the_import_is_answered()
    {
        var tenant = await platform.CreateTenantAsync();
        foreach (var app in tenant.Apps) (await app.ValidateAsync("LATER-000000")).ShouldBe(404);

        (await tenant.Owner.ImportAsync(Upload.LinesOf(3, "LATER"), Upload.Lines)).ShouldBe(202);

        foreach (var app in tenant.Apps) Assert.True((bool)(await app.ValidateAsync("LATER-000000")).ShouldBe(200).Data["valid"]!);
    }

    [Fact]
    public async Task It_is_seen_while_it_runs_and_goes_on_where_it_was_cut_off()
    {
        var tenant = await platform.CreateTenantAsync();
        var all = Upload.LinesOf(2_300, "CUT");
        var body = new SlowStream();
        var first = tenant.Owner.ImportAsync(Upload.Content(body, Upload.Lines), "cut");
        body.Send(all[..(all.Length / 2)]);
        await Until.TrueAsync(async () => (await tenant.Owner.GetAsync(Imports)).Data.AsArray() is [var only] && (long)only!["created"]! == 1_000);
        var seen = (await tenant.Owner.GetAsync(Imports)).Data[0]!;
        Assert.Equal("running", (string?)seen["status"]);
        body.HangUp();
        await Assert.ThrowsAnyAsync<Exception>(() => first);

        var again = (await tenant.Owner.ImportAsync(all, Upload.Lines, "cut")).ShouldBe(202);

        Assert.Equal((Guid.Parse((string)seen["id"]!), "completed", 2_300L, 2_300L, 0L), again.Import());
        Assert.Null(again.Header("Idempotency-Replayed"));
        Assert.Equal(2_300, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Equal(2_300, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'license.created'"));
        var replay = (await tenant.Owner.ImportAsync(all, Upload.Lines, "cut")).ShouldBe(202);
        Assert.Equal("true", replay.Header("Idempotency-Replayed"));
        Assert.Equal(again.Import(), replay.Import());
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'licenses.imported'"));
    }

    [Fact]
    public async Task Another_upload_under_the_same_key_is_refused_wherever_it_differs()
    {
        var tenant = await platform.CreateTenantAsync();
        var all = Upload.LinesOf(1_200, "KEY");
        (await tenant.Owner.ImportAsync(all, Upload.Lines, "same")).ShouldBe(202);

        foreach (var other in new[] { all + "{}\n", all[..(all.Length - 60)], Upload.LinesOf(1_200, "OTHER"), all.Replace("KEY-000700", "KEY-00070X", StringComparison.Ordinal), "" })
        {
            (await tenant.Owner.ImportAsync(other, Upload.Lines, "same")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        }

        (await tenant.Owner.ImportAsync("key\nABCDEF\n", Upload.Csv, "same")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        Assert.Equal(1_200, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        (await (await platform.CreateTenantAsync()).Owner.ImportAsync("key\nABCDEF\n", Upload.Csv, "same")).ShouldBe(202);
    }

    [Fact]
    public async Task Two_at_once_under_the_same_key_do_it_once_together()
    {
        var tenant = await platform.CreateTenantAsync();
        var all = Upload.LinesOf(3_000, "TWICE");

        var answers = await Task.WhenAll(platform.Replicas.Select(replica => tenant.OwnerAt(replica.Client).ImportAsync(all, Upload.Lines, "twice")));

        Assert.Equal(answers[0].ShouldBe(202).Import(), answers[1].ShouldBe(202).Import());
        Assert.Equal(("completed", 3_000L, 3_000L, 0L), (answers[0].Import().Status, answers[0].Import().Rows, answers[0].Import().Created, answers[0].Import().Failed));
        Assert.Equal(3_000, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Equal(3_000, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'license.created'"));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'licenses.imported'"));
    }

    [Fact]
    public async Task Killed_at_any_instant_it_is_done_once_when_it_is_sent_again()
    {
        var tenant = await platform.CreateTenantAsync();
        var all = Upload.LinesOf(6_000, "KILL");
        await using var redis = new TcpLine(platform.Redis.Port);
        var random = new Random(20260411);
        for (var round = 0; round < 3; round++)
        {
            await using var api = await ApiProcess.StartAsync(platform, redis);
            var least = await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys") + random.Next(1_500);
            var work = tenant.OwnerAt(api.Client).ImportAsync(all, Upload.Lines, "kill");
            await Until.TrueAsync(async () => work.IsCompleted || await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys") >= least);
            await api.KillAsync();
            await Record.ExceptionAsync(() => work);
        }

        Assert.Equal(("completed", 6_000L, 6_000L, 0L), (await tenant.Owner.ImportAsync(all, Upload.Lines, "kill")).ShouldBe(202).Import() is var (_, status, rows, created, failed) ? (status, rows, created, failed) : default);
        Assert.Equal(6_000, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Equal(6_000, await tenant.ScalarAsync<long>("SELECT COUNT(DISTINCT subject_id) FROM outbox WHERE type = 'license.created'"));
        Assert.Equal(6_000, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'license.created'"));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'licenses.imported'"));
    }

    [Fact]
    public async Task A_third_import_of_one_tenant_waits_and_another_tenants_does_not()
    {
        var (many, one) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        SlowStream[] bodies = [new(), new()];
        var running = bodies.Select(body => many.Owner.ImportAsync(Upload.Content(body, Upload.Lines))).ToList();
        // More than a client holds back until there is more.
        foreach (var body in bodies) body.Send(Upload.LinesOf(400, "A"));
        await Until.TrueAsync(async () => await many.ScalarAsync<long>("SELECT COUNT(*) FROM license_imports") == 2);

        var third = (await many.Owner.ImportAsync("{}", Upload.Lines)).ShouldBe(429, "RATE_LIMIT.EXCEEDED");
        Assert.NotNull(third.Header("Retry-After"));
        (await one.Owner.ImportAsync("{}", Upload.Lines)).ShouldBe(202);

        foreach (var body in bodies) body.End();
        foreach (var import in running) (await import).ShouldBe(202);
        (await many.Owner.ImportAsync("{}", Upload.Lines)).ShouldBe(202);
    }

    [Fact]
    public async Task Another_tenants_import_is_none()
    {
        var (mine, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var id = (await mine.Owner.ImportAsync("key\nx\n")).ShouldBe(202).Import().Id;

        (await mine.Owner.GetAsync($"{Imports}/{id}")).ShouldBe(200);
        (await other.Owner.GetAsync($"{Imports}/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await other.Owner.GetAsync($"{Imports}/{id}/errors")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Empty((await other.Owner.GetAsync(Imports)).ShouldBe(200).Data.AsArray());
    }
}
