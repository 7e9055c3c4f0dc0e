using ValidonX.Platform.Provisioning;

namespace ValidonX.Tests.Provisioner;

/// <summary>The guarantee: a worker may die at any instant of any stage; another one ends the run, and nothing is there twice.</summary>
public sealed class CrashTests(CrashedRuns crashed) : IClassFixture<CrashedRuns>
{
    public static TheoryData<int, StageInstant> Cases => [.. CrashedRuns.Cases.Select(place => (place.Stage, place.Instant))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_run_whose_worker_was_killed_ends_active_with_nothing_twice(int stage, StageInstant instant)
    {
        var tenant = crashed.TenantCutOffAt(stage, instant);

        await ProvisionedTenant.AssertCompleteAsync(crashed.Provisioning, tenant);

        // What was under way when the worker died was tried a second time, everything else once.
        var cutOff = instant == StageInstant.After ? stage + 1 : stage;
        var run = await crashed.Provisioning.RunOfAsync(tenant);
        Assert.All(run.Stages, row => Assert.Equal(row.Number == cutOff ? 2 : 1, row.Attempts));
        Assert.Equal(
            cutOff > ProvisioningStages.InOrder.Length ? 0 : 1,
            await crashed.Provisioning.QueryAsync<int>(
                "SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @tenant AND action = 'provisioning.stage_interrupted' AND details LIKE @like",
                new { tenant, like = $"%\"number\":{cutOff},%" }));
    }
}
