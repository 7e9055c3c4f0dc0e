using ValidonX.Platform.Provisioning;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Provisioner;

/// <summary>Runs that end, well or badly, with workers that stay alive.</summary>
public sealed class ProvisioningTests(ProvisioningFixture fixture, DatabaseServerProcess far)
    : IClassFixture<ProvisioningFixture>, IClassFixture<DatabaseServerProcess>
{
    private const string Far = "far";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_takes_a_tenant_through_twelve_stages_to_active()
    {
        var tenant = await fixture.RequestTenantAsync();
        using var host = await fixture.StartWorkerHereAsync();

        var run = await fixture.WaitUntilSucceededAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.All(run.Stages, stage => Assert.Equal(1, stage.Attempts));
        await ProvisionedTenant.AssertCompleteAsync(fixture, tenant);
    }

    [Fact]
    public async Task An_operators_overrides_take_the_place_of_the_plans_entitlements()
    {
        var tenant = await fixture.RequestTenantAsync();
        await fixture.ExecuteAsync(
            """
            INSERT INTO feature_flags (tenant_id, code, kind, value, updated_at) VALUES
              (@tenant, 'products.max', 'limit', 77, UTC_TIMESTAMP(6)),
              (@tenant, 'licenses.max', 'limit', NULL, UTC_TIMESTAMP(6)),
              (@tenant, 'beta.reports', 'boolean', 1, UTC_TIMESTAMP(6))
            """,
            new { tenant });
        using var host = await fixture.StartWorkerHereAsync();
        await fixture.WaitUntilSucceededAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Equal(
            [
                "activations.max=10 plan", "activations.total=500 plan", "api_calls_monthly=10000 plan", "api_calls_per_minute=120 plan",
                "beta.reports=true override", "licenses.max= override", "products.max=77 override", "webhook_endpoints.max=1 plan",
            ],
            await fixture.TenantRowsAsync(tenant, "SELECT CONCAT(code, '=', COALESCE(value, ''), ' ', source) FROM entitlements ORDER BY code"));
    }

    [Fact]
    public async Task A_server_that_is_down_delays_a_run_and_does_not_spoil_it()
    {
        await far.KillAsync();
        var tenant = await fixture.RequestTenantAsync(region: Far);
        await fixture.ExecuteAsync("UPDATE jobs SET max_attempts = 100000 WHERE tenant_id = @tenant", new { tenant });
        using var host = await fixture.StartWorkerHereAsync(more: FarServer());
        var waiting = await fixture.WaitForAsync(tenant, run => run.Error is not null);
        await far.StartAsync();

        await fixture.WaitUntilSucceededAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Equal("Stage create_database failed: a database server does not answer.", waiting.Error);
        Assert.True(await CountAsync(tenant, "provisioning.stage_failed") >= 1);
        Assert.Equal(12, await CountAsync(tenant, "provisioning.stage_succeeded"));
        Assert.Equal(0, await CountAsync(tenant, "provisioning.run_failed"));
        Assert.Equal(1, (await fixture.RunOfAsync(tenant)).Stages[0].Attempts);
    }

    [Fact]
    public async Task A_run_that_has_failed_too_often_waits_for_an_operator_and_resumes_where_it_failed()
    {
        await far.KillAsync();
        var tenant = await fixture.RequestTenantAsync(region: Far);
        await fixture.ExecuteAsync("UPDATE jobs SET max_attempts = 2 WHERE tenant_id = @tenant", new { tenant });
        using var host = await fixture.StartWorkerHereAsync(more: FarServer());
        var failed = await fixture.WaitForAsync(tenant, run => run.Status == RunStatus.Failed);
        Assert.Equal("Stage create_database failed: a database server does not answer.", failed.Error);
        Assert.Equal(
            (RunStatus.Failed, 2, failed.Error), (failed.Stages[1].Status, failed.Stages[1].Attempts, failed.Stages[1].Error));
        Assert.Equal("provisioning", await fixture.QueryAsync<string>("SELECT status FROM tenants WHERE id = @tenant", new { tenant }));
        Assert.Equal(1, await CountAsync(tenant, "provisioning.run_failed"));

        await far.StartAsync();
        Assert.True(await RetryAsync(tenant));
        Assert.False(await RetryAsync(tenant));
        var run = await fixture.WaitUntilSucceededAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Null(run.Error);
        Assert.Equal([1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], run.Stages.Select(stage => stage.Attempts));
        Assert.Equal("active", await fixture.QueryAsync<string>("SELECT status FROM tenants WHERE id = @tenant", new { tenant }));
    }

    [Theory]
    [InlineData("status = 'closed'", "Stage validate_record failed: the tenant is closed.")]
    [InlineData("server_name = 'one', database_name = 'mysql'", "Stage validate_record failed: the tenant's database has a name that is not allowed.")]
    [InlineData("slug = '-'", "Stage validate_record failed: the tenant's slug is not valid.")]
    public async Task A_record_that_no_attempt_can_mend_fails_at_once(string change, string error)
    {
        var tenant = await fixture.RequestTenantAsync();
        await fixture.ExecuteAsync($"UPDATE tenants SET {change} WHERE id = @tenant", new { tenant });
        using var host = await fixture.StartWorkerHereAsync();

        var run = await fixture.WaitForAsync(tenant, run => run.Status == RunStatus.Failed);
        await host.StopAsync(Cancellation);

        Assert.Equal(error, run.Error);
        Assert.Equal(1, run.Stages[0].Attempts);
        await fixture.ExecuteAsync("UPDATE tenants SET slug = CONCAT('t-', id) WHERE id = @tenant AND slug = '-'", new { tenant });
    }

    [Fact]
    public async Task A_region_without_room_is_told_and_tried_again()
    {
        var tenant = await fixture.RequestTenantAsync(region: "nowhere");
        using var host = await fixture.StartWorkerHereAsync();

        var run = await fixture.WaitForAsync(tenant, run => run.Error is not null);
        await host.StopAsync(Cancellation);

        Assert.Equal("Stage validate_record failed: no database server of the tenant's region has room.", run.Error);
        Assert.Contains(run.Status, new[] { RunStatus.Pending, RunStatus.Running, RunStatus.Failed });
    }

    [Fact]
    public async Task A_stopping_worker_hands_its_run_back_and_another_one_ends_it()
    {
        var tenant = await fixture.RequestTenantAsync();
        using var gate = new GateAtStage(5);
        using var first = await fixture.StartWorkerHereAsync(gate, ("Provisioner:StopPatience", "00:00:00"), ("Provisioner:Lease", "00:05:00"));
        await gate.Reached.Task.WaitAsync(Cancellation);
        var stopping = first.StopAsync(Cancellation);
        gate.Open();
        await stopping;
        Assert.Equal("pending", await fixture.QueryAsync<string>("SELECT status FROM jobs WHERE tenant_id = @tenant", new { tenant }));

        using var second = await fixture.StartWorkerHereAsync();
        await fixture.WaitUntilSucceededAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await second.StopAsync(Cancellation);

        await ProvisionedTenant.AssertCompleteAsync(fixture, tenant);
        Assert.Equal(1, await fixture.QueryAsync<int>("SELECT attempts FROM jobs WHERE tenant_id = @tenant", new { tenant }));
    }

    private (string, string)[] FarServer() =>
    [
        ("DatabaseServers:1:Name", Far), ("DatabaseServers:1:Host", "127.0.0.1"), ("DatabaseServers:1:Port", $"{far.Port}"),
        ("DatabaseServers:1:Region", Far), ("DatabaseServers:1:Class", "shared"), ("DatabaseServers:1:Capacity", "100"),
    ];

    private Task<bool> RetryAsync(Guid tenant) => fixture.Databases.Platform.TransactAsync(
        (transaction, token) => ProvisioningRuns.RetryAsync(transaction, tenant, token), Cancellation);

    private Task<int> CountAsync(Guid tenant, string action) =>
        fixture.QueryAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @tenant AND action = @action", new { tenant, action });
}
