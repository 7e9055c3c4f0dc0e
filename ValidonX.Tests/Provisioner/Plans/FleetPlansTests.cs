using Microsoft.Extensions.DependencyInjection;
using ValidonX.Provisioner.Plans;

namespace ValidonX.Tests.Provisioner.Plans;

/// <summary>The guarantee: what a plan allows now is what the database of each of its tenants says, and operators' overrides stay.</summary>
public sealed class FleetPlansTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private const string Limits = "SELECT CONCAT(code, '=', COALESCE(value, 'null'), ' ', source) FROM entitlements WHERE license_id = '' AND code IN ('products.max', 'licenses.max', 'sso') ORDER BY code";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_plan_reaches_every_tenant_that_has_it_and_nobody_else()
    {
        await fixture.ExecuteAsync(
            """
            INSERT INTO plans (code, name, position, price_cents, is_public) VALUES ('changing', 'Changing', 9, 0, 0), ('standing', 'Standing', 9, 0, 0);
            INSERT INTO plan_entitlements (plan_code, code, kind, value) VALUES
              ('changing', 'products.max', 'limit', 1), ('changing', 'licenses.max', 'limit', 10), ('standing', 'products.max', 'limit', 1);
            """);
        var (one, overridden, other) = (await fixture.RequestTenantAsync("changing"), await fixture.RequestTenantAsync("changing"), await fixture.RequestTenantAsync("standing"));
        await fixture.ExecuteAsync(
            "INSERT INTO feature_flags (tenant_id, code, kind, value, updated_at) VALUES (@overridden, 'products.max', 'limit', 99, UTC_TIMESTAMP(6))", new { overridden });
        using var host = await fixture.StartWorkerHereAsync();
        foreach (var tenant in new[] { one, overridden, other })
        {
            await fixture.WaitUntilSucceededAsync(tenant);
            await fixture.WaitUntilIdleAsync(tenant);
        }

        var fleet = host.Services.GetRequiredService<FleetPlans>();
        Assert.Equal(0, await fleet.EnqueueAsync(Cancellation));
        await fixture.ExecuteAsync(
            """
            START TRANSACTION;
            UPDATE plans SET version = version + 1 WHERE code = 'changing';
            UPDATE plan_entitlements SET value = NULL WHERE plan_code = 'changing' AND code = 'products.max';
            DELETE FROM plan_entitlements WHERE plan_code = 'changing' AND code = 'licenses.max';
            INSERT INTO plan_entitlements (plan_code, code, kind, value) VALUES ('changing', 'sso', 'boolean', 1);
            COMMIT
            """);

        await fleet.EnqueueAsync(Cancellation);
        foreach (var tenant in new[] { one, overridden })
        {
            await Until.TrueAsync(
                async () => await fixture.QueryAsync<int>("SELECT COUNT(*) FROM tenants WHERE id = @tenant AND plan_version = 2", new { tenant }) == 1, "the plan is in force");
            await fixture.WaitUntilIdleAsync(tenant);
        }

        Assert.Equal(0, await fleet.EnqueueAsync(Cancellation));
        Assert.Equal(["products.max=null plan", "sso=true plan"], await fixture.TenantRowsAsync(one, Limits));
        Assert.Equal(["products.max=99 override", "sso=true plan"], await fixture.TenantRowsAsync(overridden, Limits));
        Assert.Equal(["products.max=1 plan"], await fixture.TenantRowsAsync(other, Limits));
        Assert.Equal(0, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @other AND kind = 'apply_plan'", new { other }));
        await host.StopAsync(Cancellation);
    }
}
