using Dapper;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Closing;
using ValidonX.Tests.LicensingApi;

namespace ValidonX.Tests.Provisioner.Closing;

/// <summary>What becomes of a tenant that was closed.</summary>
public sealed class DeletionTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static readonly (string, string) OftenLooking = ("Provisioner:UpkeepInterval", "00:00:00.050");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_closed_tenant_is_deleted_when_its_time_has_come_and_not_before()
    {
        var (tenant, neighbor) = (await ProvisionAsync(), await ProvisionAsync());
        var (placement, other) = (await PlacementOfAsync(tenant), await PlacementOfAsync(neighbor));
        var members = await FillAsync(tenant, neighbor);
        var before = await RowsOfAsync(neighbor);
        await CloseAsync(tenant);

        using (var early = await fixture.StartWorkerHereAsync(
            services => services.AddSingleton<TimeProvider>(new ShiftedClock(TimeSpan.FromDays(29.9))), ("Provisioner:UpkeepInterval", "1.00:00:00")))
        {
            await early.Services.GetRequiredService<DueDeletions>().EnqueueAsync(Cancellation);
            Assert.Equal(0, await DeletionJobsAsync(tenant));
            await early.StopAsync(Cancellation);
        }

        using var late = await fixture.StartWorkerHereAsync(
            services => services.AddSingleton<TimeProvider>(new ShiftedClock(TimeSpan.FromDays(30.1))), OftenLooking, ("Webhooks:Keep", "60.00:00:00"));
        await WaitUntilDeletedAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await late.StopAsync(Cancellation);

        Assert.Equal((0, 0), await OnServerAsync(placement));
        Assert.Equal((1, 1), await OnServerAsync(other));
        Assert.Equal("closed||", await RowAsync(tenant));
        foreach (var table in PlatformRows.Deleted.Select(rows => rows.Table).Where(table => table is not ("provisioning_stages" or "jobs")))
        {
            Assert.Equal(0, await fixture.QueryAsync<int>($"SELECT COUNT(*) FROM {table} WHERE tenant_id = @tenant", new { tenant }));
        }

        Assert.Equal(0, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @tenant", new { tenant }));
        Assert.Equal(before, await RowsOfAsync(neighbor));
        Assert.Equal(
            ["tenant.database_dropped", "tenant.deleted", "tenant.deletion_started"],
            await fixture.RowsAsync("SELECT action FROM audit_logs WHERE tenant_id = @tenant AND action LIKE 'tenant.d%' ORDER BY action", new { tenant }));

        // Whoever was removed and came by single sign-on goes with the tenant, too; the user has the tenant's id here.
        Assert.Equal(0, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM users WHERE id = @tenant", new { tenant }));

        // Alone and never with a password; alone and with one; a member of the neighbor too.
        Assert.Equal(["0|0", "1|0", "1|1"], await AccountsAsync(members));
    }

    [Fact]
    public async Task A_deletion_that_is_cut_off_after_any_step_is_ended_by_the_attempts_after_it()
    {
        var tenant = await ProvisionAsync();
        var placement = await PlacementOfAsync(tenant);
        await FillAsync(tenant, await ProvisionAsync());
        await CloseAsync(tenant, daysAgo: 31);
        var faults = new FaultAfterEachStep();

        using var host = await fixture.StartWorkerHereAsync(services => services.AddSingleton<IDeletionObserver>(faults), OftenLooking);
        await WaitUntilDeletedAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Equal((0, 0), await OnServerAsync(placement));
        Assert.Equal("closed||", await RowAsync(tenant));
        Assert.Equal(4 + PlatformRows.Deleted.Length + FaultAfterEachStep.Tables, faults.Count);
        Assert.Equal(3, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @tenant AND action LIKE 'tenant.d%'", new { tenant }));
    }

    [Theory]
    [InlineData("table")]
    [InlineData("database")]
    public async Task A_worker_killed_in_the_middle_is_followed_by_one_that_ends_the_deletion(string step)
    {
        var tenant = await ProvisionAsync();
        var placement = await PlacementOfAsync(tenant);
        await CloseAsync(tenant, daysAgo: 31);
        await using (var killed = WorkerProcess.Start(fixture.Configuration(OftenLooking, ("DeletionStep", step))))
        {
            Assert.Equal(tenant, await killed.ReachedInstant);
            await killed.WaitForExitAsync();
        }

        Assert.Null(await fixture.QueryAsync<DateTime?>("SELECT deleted_at FROM tenant_closings WHERE tenant_id = @tenant", new { tenant }));
        using var host = await fixture.StartWorkerHereAsync(observer: null, OftenLooking);
        await WaitUntilDeletedAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Equal((0, 0), await OnServerAsync(placement));
        Assert.Equal("closed||", await RowAsync(tenant));
    }

    [Fact]
    public async Task A_tenant_that_was_never_provisioned_is_deleted_too()
    {
        var tenant = await fixture.RequestTenantAsync(region: "nowhere");
        await CloseAsync(tenant, daysAgo: 31);

        using var host = await fixture.StartWorkerHereAsync(observer: null, OftenLooking);
        await WaitUntilDeletedAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Equal("closed||", await RowAsync(tenant));
        Assert.Equal(0, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM provisioning_runs WHERE tenant_id = @tenant", new { tenant }));
    }

    [Fact]
    public async Task A_tenant_that_is_in_service_again_is_left_alone()
    {
        var tenant = await ProvisionAsync();
        await CloseAsync(tenant, daysAgo: 31);
        await fixture.ExecuteAsync("UPDATE tenants SET status = 'active' WHERE id = @tenant", new { tenant });

        using var host = await fixture.StartWorkerHereAsync(observer: null, OftenLooking);
        await Until.TrueAsync(
            async () => await fixture.QueryAsync<int>("SELECT COUNT(*) FROM tenant_closings WHERE tenant_id = @tenant", new { tenant }) == 0,
            "the closing is forgotten");
        await host.StopAsync(Cancellation);

        Assert.Equal((1, 1), await OnServerAsync(await PlacementOfAsync(tenant)));
        Assert.Equal(0, await DeletionJobsAsync(tenant));
    }

    [Fact]
    public async Task A_run_that_is_under_way_when_its_tenant_is_closed_ends_there()
    {
        var tenant = await fixture.RequestTenantAsync();
        using var gate = new GateAtStage(5);
        using var host = await fixture.StartWorkerHereAsync(gate);
        await gate.Reached.Task.WaitAsync(Cancellation);
        await CloseAsync(tenant);
        gate.Open();

        // A worker that stops waits for what it is at.
        await host.StopAsync(Cancellation);

        var run = await fixture.RunOfAsync(tenant);
        Assert.Equal((RunStatus.Failed, "The tenant was closed."), (run.Status, run.Error));
        Assert.Equal([RunStatus.Succeeded, RunStatus.Succeeded, RunStatus.Succeeded, RunStatus.Succeeded, RunStatus.Failed], run.Stages.Take(5).Select(stage => stage.Status));
        Assert.All(run.Stages.Skip(5), stage => Assert.Equal(RunStatus.Pending, stage.Status));
        Assert.Equal("closed", await fixture.QueryAsync<string>("SELECT status FROM tenants WHERE id = @tenant", new { tenant }));
        Assert.Equal("failed", await fixture.QueryAsync<string>("SELECT status FROM jobs WHERE tenant_id = @tenant", new { tenant }));
    }

    [Fact]
    public async Task What_becomes_of_every_table_that_names_a_tenant_is_decided()
    {
        var tables = await fixture.RowsAsync(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = @Name AND column_name = 'tenant_id' ORDER BY table_name",
            new { PlatformDatabase.Name });

        Assert.Equal(
            tables.Order(StringComparer.Ordinal),
            PlatformRows.Deleted.Select(table => table.Table).Where(table => table != "provisioning_stages")
                .Concat(PlatformRows.Kept).Concat(PlatformRows.OfMembers).Append(PlatformRows.Members).Order(StringComparer.Ordinal));
    }

    private async Task<Guid> ProvisionAsync()
    {
        var tenant = await fixture.RequestTenantAsync();
        using var host = await fixture.StartWorkerHereAsync();
        await fixture.WaitUntilSucceededAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);
        return tenant;
    }

    /// <summary>What the API does.</summary>
    private Task CloseAsync(Guid tenant, int daysAgo = 0) => fixture.Databases.Platform.TransactAsync(
        async (transaction, token) =>
        {
            await new ProvisioningRuns(fixture.Databases.Platform, TimeProvider.System).EndAsync(transaction, tenant, "The tenant was closed.", token);
            await transaction.Connection!.ExecuteAsync(
                """
                UPDATE tenants SET status = 'closed' WHERE id = @tenant;
                INSERT INTO tenant_closings (tenant_id, closed_at) VALUES (@tenant, UTC_TIMESTAMP(6) - INTERVAL @daysAgo DAY)
                """,
                new { tenant, daysAgo },
                transaction);
        },
        Cancellation);

    /// <summary>Rows in the tables that provisioning leaves empty, and three members with a token each.</summary>
    private async Task<Guid[]> FillAsync(Guid tenant, Guid neighbor)
    {
        Guid[] members = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        await fixture.ExecuteAsync(
            """
            INSERT INTO feature_flags (tenant_id, code, kind, value, updated_at) VALUES (@tenant, 'a.b', 'limit', 1, UTC_TIMESTAMP(6)), (@neighbor, 'a.b', 'limit', 1, UTC_TIMESTAMP(6));
            INSERT INTO alerts (id, tenant_id, kind, severity, status, is_held, measured, threshold, peak, opened_at, last_seen_at)
            VALUES (UUID(), @tenant, 'error_rate', 'critical', 'open', 1, 9, 5, 9, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (UUID(), @neighbor, 'error_rate', 'critical', 'open', 1, 9, 5, 9, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO tenant_alert_thresholds (tenant_id, p95_ms, updated_at) VALUES (@tenant, 1, UTC_TIMESTAMP(6)), (@neighbor, 1, UTC_TIMESTAMP(6));
            INSERT INTO rate_limit_overrides (tenant_id, updated_at) VALUES (@tenant, UTC_TIMESTAMP(6)), (@neighbor, UTC_TIMESTAMP(6));
            INSERT INTO api_call_months (tenant_id, month, writer, used, updated_at) VALUES (@tenant, '2026-01-01', 'w', 1, UTC_TIMESTAMP(6)), (@neighbor, '2026-01-01', 'w', 1, UTC_TIMESTAMP(6));
            INSERT INTO invitations (id, tenant_id, email, role, open_marker, expires_at, created_at)
            VALUES (UUID(), @tenant, 'a@b.example', 'viewer', 1, '2099-01-01', UTC_TIMESTAMP(6)), (UUID(), @neighbor, 'a@b.example', 'viewer', 1, '2099-01-01', UTC_TIMESTAMP(6));
            INSERT INTO former_members (tenant_id, id, user_id, left_at) VALUES (@tenant, @first, @first, '2099-01-01'), (@neighbor, @first, @first, '2099-01-01');
            INSERT INTO domains (id, tenant_id, host, created_at) VALUES (@first, @tenant, CONCAT(@first, '.example'), UTC_TIMESTAMP(6));
            INSERT INTO tenant_sso (tenant_id, version, issuer, client_id, highest_role, created_at, updated_at)
            VALUES (@tenant, UUID(), 'https://issuer.example', 'x', 'admin', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (@neighbor, UUID(), 'https://issuer.example', 'x', 'admin', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@removed, CONCAT(@removed, '@sso.invalid'), 'Removed', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO sso_subjects (tenant_id, subject_key, user_id, subject, claims_at, created_at) VALUES (@tenant, LEFT(@tenant, 32), @removed, 'removed', 0, UTC_TIMESTAMP(6));
            """,
            new { tenant, neighbor, first = members[0], removed = tenant });
        for (var i = 0; i < members.Length; i++)
        {
            await fixture.ExecuteAsync(
                """
                INSERT INTO users (id, email, name, password_hash, created_at, updated_at)
                VALUES (@user, CONCAT(@user, '@tenant.example'), 'Member', @password, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
                INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@tenant, @user, 'owner', UTC_TIMESTAMP(6));
                INSERT INTO personal_access_tokens (id, owner_type, owner_id, name, ability, token_hash, created_at)
                VALUES (@user, 'user', @user, 'token', 'tenant', REPEAT('x', 32), UTC_TIMESTAMP(6))
                """,
                new { user = members[i], tenant, password = i == 0 ? null : "hash" });
        }

        await fixture.ExecuteAsync(
            "INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@neighbor, @user, 'owner', UTC_TIMESTAMP(6))",
            new { neighbor, user = members[2] });
        return members;
    }

    private async Task<List<string>> AccountsAsync(Guid[] members)
    {
        List<string> accounts = [];
        foreach (var user in members)
        {
            accounts.AddRange(await fixture.RowsAsync(
                "SELECT (SELECT COUNT(*) FROM users WHERE id = @user) AS users, (SELECT COUNT(*) FROM personal_access_tokens WHERE owner_id = @user) AS tokens",
                new { user }));
        }

        return accounts;
    }

    private async Task<List<int>> RowsOfAsync(Guid tenant)
    {
        List<int> counts = [];
        // The schedule of outboxes adopts a tenant when it comes to it.
        foreach (var table in PlatformRows.Deleted.Select(table => table.Table).Where(table => table is not ("provisioning_stages" or "outbox_tenants")).Append(PlatformRows.Members))
        {
            counts.Add(await fixture.QueryAsync<int>($"SELECT COUNT(*) FROM {table} WHERE tenant_id = @tenant", new { tenant }));
        }

        return counts;
    }

    private async Task<TenantPlacement> PlacementOfAsync(Guid tenant)
    {
        var (server, database) = await fixture.QueryAsync<(string, string)>("SELECT server_name, database_name FROM tenants WHERE id = @tenant", new { tenant });
        return new TenantPlacement(tenant, server, DatabaseName.Parse(database));
    }

    private async Task<string> RowAsync(Guid tenant) =>
        (await fixture.RowsAsync("SELECT status, server_name, database_name FROM tenants WHERE id = @tenant", new { tenant })).Single();

    /// <summary>How many databases and roles of that name there are.</summary>
    private async Task<(int Databases, int Roles)> OnServerAsync(TenantPlacement placement) => (
        await fixture.QueryAsync<int>("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = @Value", new { placement.Database.Value }),
        await fixture.QueryAsync<int>("SELECT COUNT(*) FROM mysql.user WHERE User = @Value", new { placement.Role.Value }));

    private Task<int> DeletionJobsAsync(Guid tenant) =>
        fixture.QueryAsync<int>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @tenant AND kind = 'delete_tenant'", new { tenant });

    private Task WaitUntilDeletedAsync(Guid tenant) => Until.TrueAsync(
        async () => await fixture.QueryAsync<int>("SELECT COUNT(*) FROM tenant_closings WHERE tenant_id = @tenant AND deleted_at IS NOT NULL", new { tenant }) == 1,
        "the tenant is deleted");

    /// <summary>Fails once directly after each step, as if the process ended there; of the tables, after the first few.</summary>
    private sealed class FaultAfterEachStep : IDeletionObserver
    {
        public const int Tables = 3;

        private readonly Dictionary<string, int> _faults = [];

        public int Count => _faults.Values.Sum();

        public void Done(Guid tenantId, string step)
        {
            lock (_faults)
            {
                var faults = _faults.GetValueOrDefault(step);
                if (faults >= (step == "table" ? Tables : 1)) return;
                _faults[step] = faults + 1;
            }

            throw new InvalidOperationException($"Cut off after {step}.");
        }
    }
}
