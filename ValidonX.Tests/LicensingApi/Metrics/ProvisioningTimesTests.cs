namespace ValidonX.Tests.LicensingApi.Metrics;

/// <summary><c>/v1/admin/provisioning</c>: how long sign-ups take.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ProvisioningTimesTests(LicensingPlatform platform)
{
    [Fact]
    public async Task The_newest_five_hundred_sign_ups_are_told_by_how_long_they_took_and_stage_by_stage()
    {
        // Later than whatever other tests sign up, so that these are the newest.
        var later = DateTimeOffset.UtcNow.AddYears(1);
        for (var i = 0; i < 500; i++)
        {
            var (tenant, run, at) = (await TenantRowAsync(), Guid.CreateVersion7(later.AddSeconds(i)), later.AddSeconds(i));
            var status = i switch { 0 => "failed", 1 => "running", _ => "succeeded" };
            await platform.ExecuteAsync(
                """
                INSERT INTO provisioning_runs (id, tenant_id, status, created_at, finished_at) VALUES (@run, @tenant, @status, @at, @end);
                INSERT INTO provisioning_stages (run_id, number, name, status, attempts, duration_ms) VALUES (@run, 1, 'validate', 'succeeded', @attempts, @took), (@run, 2, 'place', 'pending', 0, NULL)
                """,
                new { run, tenant, status, at, end = i == 1 ? (DateTimeOffset?)null : at.AddMilliseconds(i), attempts = i % 100 == 0 ? 2 : 1, took = i });
        }

        var times = (await platform.Operator().GetAsync("/v1/admin/provisioning")).ShouldBe(200).Data;

        Assert.Equal((500, 498, 1, 1), ((int)times["runs"]!, (int)times["succeeded"]!, (int)times["failed"]!, (int)times["unfinished"]!));
        // 498 that took 2, 3, … 499 ms.
        Assert.Equal((250.0, 475.0, 499.0), ((double)times["p50_ms"]!, (double)times["p95_ms"]!, (double)times["max_ms"]!));
        var stages = times["stages"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 12), stages.Select(stage => (int)stage!["number"]!));
        Assert.Equal((249.0, 474.0, 5), ((double)stages[0]!["p50_ms"]!, (double)stages[0]!["p95_ms"]!, (int)stages[0]!["repeated"]!));
        Assert.Null(stages[1]!["p50_ms"]);

        // They must not be the newest for anybody else.
        await platform.ExecuteAsync("DELETE s FROM provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id WHERE r.created_at >= @later; DELETE FROM provisioning_runs WHERE created_at >= @later", new { later });
    }

    private async Task<Guid> TenantRowAsync()
    {
        var id = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at)
            VALUES (@id, 'Signed up', @slug, 'provisioning', 'starter', 'local', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { id, slug = $"s-{id:N}"[..30] });
        return id;
    }
}
