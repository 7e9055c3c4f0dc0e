using System.Text.Json.Nodes;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Usage;

/// <summary>CONTRACT §10, usage in batches: late, repeated, concurrent, and exactly once.</summary>
[Collection(LicensingCollection.Name)]
public sealed class UsageBatchTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_batch_counts_what_is_good_and_tells_the_rest_by_its_place()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(new { entitlements = new { jobs = 1000, renders = new { limit = 5, hard = true } } });
        var (revoked, revokedKey) = await tenant.CreateLicenseAsync();
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{revoked}/revoke")).ShouldBe(200);
        (await tenant.App.RecordAsync(key, "jobs", 2, "alone")).ShouldBe(202);
        var now = DateTimeOffset.UtcNow;

        var answer = (await BatchAsync(tenant.App, [
            Event(key, "jobs", 3, "a"),
            Event(key, "jobs", 3, "a"),
            Event(key, "jobs", 4, "a"),
            Event(key, "jobs", 2, "alone"),
            Event("NO-SUCH", "jobs", 1, "b"),
            Event(revokedKey, "jobs", 1, "c"),
            Event(key, "renders", 4, "d"),
            Event(key, "renders", 2, "e"),
            Event(key, "renders", 1, "f"),
            Event(key, "jobs", 1, "g", now.AddDays(-36)),
            Event(key, "jobs", 1, "h", now.AddMinutes(10)),
            Event(key, "jobs", 1, "i", now.AddDays(-34)),
        ])).ShouldBe(200).Data;

        Assert.Equal((4, 2), ((int)answer["accepted"]!, (int)answer["duplicates"]!));
        Assert.Equal(
            ["2 IDEMPOTENCY.KEY_REUSED", "4 LICENSE.NOT_FOUND", "5 LICENSE.REVOKED", "7 ENTITLEMENTS.LIMIT_EXCEEDED", "9 VALIDATION.FAILED", "10 VALIDATION.FAILED"],
            answer["rejected"]!.AsArray().Select(one => $"{one!["index"]} {one["code"]}"));
        Assert.Equal(6, await UsedAsync(tenant, "jobs"));
        Assert.Equal(5, await UsedAsync(tenant, "renders"));
        await AssertReconciledAsync(tenant);
        Assert.Equal(["events"], (await BatchAsync(tenant.App, [])).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));
        Assert.Equal(
            ["events.1.idempotency_key", "events.1.quantity"],
            (await BatchAsync(tenant.App, [Event(key, "jobs", 1, "x"), new { license_key = key, metric = "jobs", quantity = 0 }])).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Copies_of_overlapping_batches_at_once_count_each_report_once_and_never_pass_a_hard_limit()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, one) = await tenant.CreateLicenseAsync(new { entitlements = new { jobs = 10, renders = new { limit = 90, hard = true } } });
        var (_, other) = await tenant.CreateLicenseAsync(new { entitlements = new { jobs = 10, renders = new { limit = 90, hard = true } } });
        object[] events = [.. Enumerable.Range(0, 120).SelectMany(i => new[] { Event(i % 2 == 0 ? one : other, "jobs", 1, $"j{i}"), Event(i % 3 == 0 ? one : other, "renders", 2, $"r{i}") })];

        // Each batch in an order of its own, so that locks taken in the order of the reports would meet crosswise.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => BatchAsync(tenant.Apps[i % 2], [.. events.OrderBy(_ => Random.Shared.Next()).Take(200)])));
        var rest = await BatchAsync(tenant.App, events);

        Assert.All(answers, answer => answer.ShouldBe(200));
        rest.ShouldBe(200);
        Assert.Equal(120, await UsedAsync(tenant, "jobs"));
        var renders = await tenant.ScalarAsync<long>("SELECT CAST(MAX(used) AS SIGNED) FROM usage_counters WHERE code = 'renders' AND license_id <> ''");
        Assert.InRange(renders, 80, 90);
        Assert.Equal(await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events"), answers.Append(rest).Sum(answer => (int)answer.Data["accepted"]!));
        await AssertReconciledAsync(tenant);
    }

    [Fact]
    public async Task A_threshold_is_told_of_once_in_its_period_whatever_becomes_of_the_limit()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(("jobs", 10));

        await Task.WhenAll(Enumerable.Range(0, 7).Select(i => tenant.Apps[i % 2].RecordAsync(key, "jobs", 1)));
        Assert.Equal(0, await ToldAsync(tenant));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => tenant.Apps[i % 2].RecordAsync(key, "jobs", 1, $"k{i / 2}")));

        Assert.Equal(2, await ToldAsync(tenant));
        Assert.Equal(
            $$"""{"metric":"jobs","threshold":80,"used":8,"limit":10,"period_start":"{{DateTime.UtcNow:yyyy-MM}}-01"}""",
            await tenant.ScalarAsync<string>("SELECT data FROM outbox WHERE type = 'usage.threshold_reached' ORDER BY position LIMIT 1"));
        Assert.Equal(id.ToString(), await tenant.ScalarAsync<string>("SELECT MIN(subject_id) FROM outbox WHERE type = 'usage.threshold_reached'"));
        await tenant.ExecuteAsync("UPDATE usage_counters SET used = 1 WHERE license_id <> ''");
        (await BatchAsync(tenant.App, [Event(key, "jobs", 90, "more")])).ShouldBe(200);
        Assert.Equal(2, await ToldAsync(tenant));

        // Late usage counts, and is told of, in the month in which it happened.
        (await BatchAsync(tenant.App, [Event(key, "jobs", 50, "late", DateTimeOffset.UtcNow.AddDays(-32))])).ShouldBe(200);
        Assert.Equal(4, await ToldAsync(tenant));
    }

    [Fact]
    public async Task Usage_is_listed_by_event_and_summed_by_hour_day_and_month()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();
        var (_, other) = await tenant.CreateLicenseAsync();
        var day = DateTimeOffset.UtcNow.Date.AddDays(-10);
        (await BatchAsync(tenant.App, [
            Event(key, "jobs", 1, "1", new DateTimeOffset(day.AddHours(3), TimeSpan.Zero)),
            Event(key, "jobs", 2, "2", new DateTimeOffset(day.AddHours(3.9), TimeSpan.Zero)),
            Event(key, "jobs", 4, "3", new DateTimeOffset(day.AddHours(5), TimeSpan.Zero).ToOffset(TimeSpan.FromHours(9))),
            Event(other, "jobs", 8, "4", new DateTimeOffset(day.AddHours(5), TimeSpan.Zero)),
            Event(other, "seats", 16, "5", new DateTimeOffset(day.AddHours(6), TimeSpan.Zero)),
        ])).ShouldBe(200);
        var (from, to) = ($"{day:yyyy-MM-dd}T00:00:00Z", $"{day.AddDays(1):yyyy-MM-dd}T00:00:00Z");

        Assert.Equal(["03:jobs:3:2", "05:jobs:4:1"], await SumsAsync($"bucket=hour&license_id={id}&from={from}&to={to}", start => start[11..13]));
        Assert.Equal([$"{day:dd}:jobs:15:4", $"{day:dd}:seats:16:1"], await SumsAsync($"bucket=day&from={from}&to={to}", start => start[8..10]));
        Assert.Equal([$"{day:MM}:jobs:15:4"], await SumsAsync($"bucket=month&metric=jobs&from={from}&to={to}", start => start[5..7]));
        Assert.Equal(["from"], (await tenant.Owner.GetAsync($"/v1/tenant/usage/snapshots?bucket=hour&from=2020-01-01T00:00:00Z")).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));

        var page = (await tenant.Owner.GetAsync($"/v1/tenant/usage/events?metric=jobs&limit=3&from={from}&to={to}")).ShouldBe(200);
        Assert.Equal(3, page.Data.AsArray().Count);
        var last = Assert.Single((await tenant.Owner.GetAsync($"/v1/tenant/usage/events?metric=jobs&limit=3&from={from}&to={to}&cursor={page.Meta["next_cursor"]}")).ShouldBe(200).Data.AsArray())!;
        Assert.Equal(["id", "license_id", "metadata", "metric", "quantity", "received_at", "recorded_at"], last.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Empty((await (await platform.CreateTenantAsync()).Owner.GetAsync("/v1/tenant/usage/events")).ShouldBe(200).Data.AsArray());

        async Task<IEnumerable<string>> SumsAsync(string query, Func<string, string> cut) =>
            (await tenant.Owner.GetAsync($"/v1/tenant/usage/snapshots?{query}")).ShouldBe(200).Data.AsArray()
                .Select(sum => $"{cut((string)sum!["period_start"]!)}:{sum["metric"]}:{sum["used"]}:{sum["events"]}");
    }

    [Fact]
    public async Task Reconcile_says_where_sums_are_not_those_of_the_events_and_puts_them_right()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();
        (await BatchAsync(tenant.App, [Event(key, "jobs", 5, "1"), Event(key, "seats", 7, "2")])).ShouldBe(200);
        await AssertReconciledAsync(tenant);
        await tenant.ExecuteAsync(
            """
            UPDATE usage_counters SET used = 6 WHERE code = 'jobs' AND license_id <> '';
            UPDATE usage_hours SET used = 8 WHERE code = 'jobs';
            DELETE FROM usage_hours WHERE code = 'seats'
            """);

        var found = (await tenant.Owner.PostAsync("/v1/tenant/usage/reconcile")).ShouldBe(200).Data;

        Assert.Equal((4, false), ((int)found["checked"]!, (bool)found["repaired"]!));
        Assert.Equal(
            [$"{id} jobs counter 6 5", $"{id} jobs snapshot 8 5", $"{id} seats snapshot 0 7"],
            found["differences"]!.AsArray().Select(one => $"{one!["license_id"]} {one["metric"]} {one["kind"]} {one["stored"]} {one["events"]}").Order(StringComparer.Ordinal));
        Assert.True((bool)(await tenant.Owner.PostAsync("/v1/tenant/usage/reconcile", new { repair = true })).ShouldBe(200).Data["repaired"]!);
        await AssertReconciledAsync(tenant);
        Assert.Equal(5, await UsedAsync(tenant, "jobs"));
        Assert.Equal(1, await tenant.ScalarAsync<int>("SELECT COUNT(*) FROM outbox WHERE type = 'usage.repaired'"));
    }

    private static object Event(string key, string metric, long quantity, string name, DateTimeOffset? at = null) =>
        new { license_key = key, metric, quantity, idempotency_key = name, recorded_at = at };

    private static Task<Answer> BatchAsync(ApiCaller app, object[] events) => app.PostAsync("/v1/integration/usage/batch", new { events });

    private static async Task<long> UsedAsync(LicensedTenant tenant, string metric) =>
        await tenant.ScalarAsync<long>("SELECT CAST(COALESCE(SUM(used), 0) AS SIGNED) FROM usage_counters WHERE license_id <> '' AND code = @metric", new { metric });

    private static async Task<long> ToldAsync(LicensedTenant tenant) => await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'usage.threshold_reached'");

    private static async Task AssertReconciledAsync(LicensedTenant tenant) =>
        Assert.Equal("[]", ((JsonArray)(await tenant.Owner.PostAsync("/v1/tenant/usage/reconcile", new { from = DateTimeOffset.UtcNow.AddMonths(-2) })).ShouldBe(200).Data["differences"]!).ToJsonString());
}
