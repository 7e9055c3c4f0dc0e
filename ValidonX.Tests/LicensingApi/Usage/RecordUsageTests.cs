namespace ValidonX.Tests.LicensingApi.Usage;

/// <summary>CONTRACT §3, <c>usage/record</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class RecordUsageTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Usage_is_appended_and_counted()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("jobs", 10));

        var answer = (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = key, metric = "jobs", quantity = 7, metadata = new { host = "a" } })).ShouldBe(202).Data;
        (await tenant.Apps[1].RecordAsync(key, "jobs", 7)).ShouldBe(202);

        Assert.True((bool)answer["recorded"]!);
        var usageEvent = answer["usage_event"]!;
        Assert.Equal(("jobs", 7), ((string)usageEvent["entitlement_code"]!, (int)usageEvent["quantity"]!));
        Assert.NotNull(usageEvent["recorded_at"]);
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events WHERE id = @id", new { id = (string)usageEvent["id"]! }));
        // A plain number only counts: what is beyond it happened all the same.
        Assert.Equal(14, await UsedAsync(tenant));
    }

    [Fact]
    public async Task The_same_idempotency_key_never_counts_twice()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("jobs", 1000));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.Apps[i % 2].RecordAsync(key, "jobs", 3, "batch-1")));

        Assert.All(answers, answer => answer.ShouldBe(202));
        Assert.Single(answers.Select(answer => (string)answer.Data["usage_event"]!["id"]!).Distinct());
        Assert.Equal(11, answers.Count(answer => answer.Header("Idempotency-Replayed") == "true"));
        Assert.Equal(3, await UsedAsync(tenant));
        (await tenant.App.RecordAsync(key, "jobs", 4, "batch-1")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        var alias = (await tenant.App.SendAsync(HttpMethod.Post, "/v1/integration/usage/record", new { license_key = key, metric = "jobs", quantity = 3 }, ("X-Idempotency-Key", "batch-1"))).ShouldBe(202);
        Assert.Equal("true", alias.Header("Idempotency-Replayed"));
        Assert.Equal(3, await UsedAsync(tenant));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events"));
    }

    [Fact]
    public async Task A_sum_that_could_not_be_told_is_refused_before_anything_is_stored()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("jobs", 10));
        await tenant.App.RecordAsync(key, "jobs", 1);
        var random = new Random(20260403);

        for (var i = 0; i < 25; i++)
        {
            const long Largest = 1_000_000_000_000;
            var used = long.MaxValue - random.NextInt64(2 * Largest);
            var quantity = random.Next(4) == 0 ? long.Clamp(long.MaxValue - used + random.Next(-1, 2), 1, Largest) : random.NextInt64(1, Largest + 1);
            await tenant.ExecuteAsync("UPDATE usage_counters SET used = @used WHERE license_id <> ''", new { used });
            var events = await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events");

            var answer = await tenant.App.RecordAsync(key, "jobs", quantity);

            var fits = (UInt128)(ulong)used + (UInt128)(ulong)quantity <= long.MaxValue;
            if (fits) answer.ShouldBe(202);
            else Assert.NotNull(answer.ShouldBe(422, "VALIDATION.FAILED").Details["quantity"]);
            Assert.Equal(fits ? used + quantity : used, await UsedAsync(tenant));
            Assert.Equal(fits ? events + 1 : events, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events"));
        }
    }

    [Fact]
    public async Task A_hard_limit_is_never_passed()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("renders", new { limit = 10, hard = true }));

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => tenant.Apps[i % 2].RecordAsync(key, "renders", 1, $"key-{i}")));

        Assert.Equal(10, answers.Count(answer => answer.Status == 202));
        Assert.All(answers.Where(answer => answer.Status != 202), answer =>
        {
            answer.ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
            Assert.Equal(("renders", 10, 10), ((string)answer.Details["entitlement"]!, (int)answer.Details["current"]!, (int)answer.Details["limit"]!));
        });
        Assert.Equal(10, await UsedAsync(tenant));
        Assert.Equal(10, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events"));

        // What was recorded is still found under its key when the limit is reached.
        var recorded = Array.FindIndex(answers, answer => answer.Status == 202);
        Assert.Equal("true", (await tenant.App.RecordAsync(key, "renders", 1, $"key-{recorded}")).ShouldBe(202).Header("Idempotency-Replayed"));
        (await tenant.App.RecordAsync(key, "renders", 2, $"key-{recorded}")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        (await tenant.App.RecordAsync(key, "renders", 1)).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task A_hard_limit_begins_anew_every_calendar_month()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("renders", new { limit = 2, hard = true }));
        (await tenant.App.RecordAsync(key, "renders", 3)).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
        (await tenant.App.RecordAsync(key, "renders", 2)).ShouldBe(202);
        (await tenant.App.RecordAsync(key, "renders", 1)).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");

        var clock = new ShiftedClock(TimeSpan.FromDays(DateTime.DaysInMonth(DateTime.UtcNow.Year, DateTime.UtcNow.Month)));
        await using var nextMonth = await platform.StartReplicaAsync(clock);
        var app = tenant.AppAt(nextMonth, clock.GetUtcNow());

        Assert.Equal(0, (int)(await app.CheckAsync(key, "renders")).ShouldBe(200).Data["entitlements"]!["limits"]!["renders"]!["used"]!);
        (await app.RecordAsync(key, "renders", 2)).ShouldBe(202);
        (await app.RecordAsync(key, "renders", 1)).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task Unknown_licenses_bad_fields_and_bad_keys_are_told_apart()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync();

        (await tenant.App.RecordAsync("NO-SUCH", "jobs", 1)).ShouldBe(404, "LICENSE.NOT_FOUND");
        Assert.Equal(
            ["license_key", "metadata", "metric", "quantity"],
            (await tenant.App.PostAsync("/v1/integration/usage/record", new { metadata = 3, metric = "bad metric", license_key = 1, quantity = "1" }))
                .ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));
        foreach (var quantity in new object[] { 0, -1, 1.5, "3", 1e30, true })
        {
            (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = key, metric = "m", quantity })).ShouldBe(422, "VALIDATION.FAILED");
        }

        (await tenant.App.RecordAsync(key, "m", 1, new string('k', 256))).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.App.RecordAsync(key, "m", 1, new string('k', 255))).ShouldBe(202);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await tenant.App.RecordAsync(key, "m", 1)).ShouldBe(403, "LICENSE.REVOKED");
    }

    private static async Task<long> UsedAsync(LicensedTenant tenant) =>
        await tenant.ScalarAsync<long>("SELECT CAST(SUM(used) AS SIGNED) FROM usage_counters WHERE license_id <> ''");
}
