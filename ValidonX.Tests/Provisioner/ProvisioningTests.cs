
namespace ValidonX.Tests.Provisioner;

/// <summary>Runs that end, well or badly, with workers that stay alive.</summary>
public sealed class ProvisioningTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    [Fact]
    public async Task A_run_takes_a_tenant_through_twelve_stages_to_active()
    {
        var tenant = await fixture.RequestTenantAsync();
        await fixture.StartWorkerHereAsync();

        var run = await fixture.WaitUntilSucceededAsync(tenant);
        await fixture.WaitUntilIdleAsync(tenant);

        Assert.All(run.Stages, stage => Assert.Equal(1, stage.Attempts));
        await ProvisionedTenant.AssertCompleteAsync(fixture, tenant);
    }
}
