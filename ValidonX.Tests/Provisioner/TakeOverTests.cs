
namespace ValidonX.Tests.Provisioner;

/// <summary>Several workers: a frozen one is replaced and does no harm when it comes back, and many share the work.</summary>
public sealed class TakeOverTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private const string GivenUp = "another worker has taken it over";

    [Theory]
    [InlineData(2, StageInstant.Before)]
    [InlineData(4, StageInstant.Before)]
    [InlineData(6, StageInstant.Executed)]
    [InlineData(9, StageInstant.Executed)]
    [InlineData(12, StageInstant.Executed)]
    public async Task A_worker_frozen_beyond_its_lease_writes_nothing_when_it_goes_on(int stage, StageInstant instant)
    {
        await fixture.RequestTenantAsync();
        await using var frozen = WorkerProcess.Start(fixture.Configuration(
            ("Provisioner:Workers", "1"), ("Signal", nameof(Signal.Stop)), ("Stage", $"{stage}"), ("Instant", $"{instant}")));
        var tenant = await frozen.ReachedInstant;

        await using (var other = WorkerProcess.Start(fixture.Configuration()))
        {
            await fixture.WaitUntilSucceededAsync(tenant);
            await fixture.WaitUntilIdleAsync(tenant);
        }

        await ProvisionedTenant.AssertCompleteAsync(fixture, tenant);
        var before = await SnapshotAsync(tenant);
        await frozen.ThawAsync();
        await frozen.WaitForOutputAsync(GivenUp);

        Assert.Equal(before, await SnapshotAsync(tenant));
        await ProvisionedTenant.AssertCompleteAsync(fixture, tenant);
        // The other's own attempt may have lost against a neighbor and been made again.
        Assert.InRange((await fixture.RunOfAsync(tenant)).Stages[stage - 1].Attempts, 2, 4);
    }

    [Fact]
    public async Task Fifty_tenants_at_once_on_two_worker_processes_all_end_active()
    {
        await using var one = WorkerProcess.Start(fixture.Configuration());
        await using var two = WorkerProcess.Start(fixture.Configuration());
        var tenants = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => fixture.RequestTenantAsync()));

        foreach (var tenant in tenants)
        {
            await fixture.WaitUntilSucceededAsync(tenant);
            await fixture.WaitUntilIdleAsync(tenant);
            await ProvisionedTenant.AssertCompleteAsync(fixture, tenant);
        }
    }

    /// <summary>Everything of the tenant in the platform database that a late writer could have touched.</summary>
    private async Task<string> SnapshotAsync(Guid tenant)
    {
        var rows = new List<string>();
        foreach (var table in new[] { "jobs", "provisioning_runs", "api_keys", "webhook_endpoints" })
            rows.AddRange(await fixture.RowsAsync($"SELECT * FROM {table} WHERE tenant_id = @tenant ORDER BY id", new { tenant }));
        // Billing looks at a new subscription a moment after it was written, whichever worker's turn that is.
        rows.AddRange(await fixture.RowsAsync(
            "SELECT id, plan_code, status, current_period_start, current_period_end, anchor_at, price_cents, created_at FROM subscriptions WHERE tenant_id = @tenant", new { tenant }));
        // Where an entry stands in its chain is said a moment after it was written.
        rows.AddRange(await fixture.RowsAsync("SELECT id, action, actor_type, details, created_at FROM audit_logs WHERE tenant_id = @tenant ORDER BY id", new { tenant }));
        rows.AddRange(await fixture.RowsAsync(
            "SELECT s.* FROM provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id WHERE r.tenant_id = @tenant ORDER BY s.number", new { tenant }));
        rows.AddRange(await fixture.RowsAsync("SELECT * FROM tenants WHERE id = @tenant", new { tenant }));
        return string.Join('\n', rows);
    }
}
