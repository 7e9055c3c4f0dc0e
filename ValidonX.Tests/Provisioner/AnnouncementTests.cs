using Microsoft.Extensions.DependencyInjection;
using ValidonX.Coherence;
using ValidonX.Platform.Provisioning;

namespace ValidonX.Tests.Provisioner;

/// <summary>A run that has succeeded has succeeded, whoever can not be told of it.</summary>
public sealed class AnnouncementTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_announcement_that_fails_leaves_the_run_succeeded_and_is_made_again_on_its_own()
    {
        var coherence = new UnreachableCoherence();
        var tenant = await fixture.RequestTenantAsync();
        // So that the job has no second attempt.
        await fixture.ExecuteAsync("UPDATE jobs SET max_attempts = 1 WHERE tenant_id = @tenant", new { tenant });
        using var host = await fixture.StartWorkerHereAsync(services => services.AddSingleton<ICoherence>(coherence));

        await fixture.WaitUntilSucceededAsync(tenant);
        await Until.TrueAsync(() => Task.FromResult(coherence.Calls >= 4), "the announcement has been tried again and again");
        var run = await fixture.RunOfAsync(tenant);
        Assert.Equal((RunStatus.Succeeded, null), (run.Status, run.Error));
        Assert.All(run.Stages, stage => Assert.Equal((RunStatus.Succeeded, 1), (stage.Status, stage.Attempts)));
        Assert.Equal("active", await fixture.QueryAsync<string>("SELECT status FROM tenants WHERE id = @tenant", new { tenant }));
        Assert.Equal("succeeded", await fixture.QueryAsync<string>("SELECT status FROM jobs WHERE tenant_id = @tenant AND kind = 'provision'", new { tenant }));

        coherence.IsReachable = true;
        await fixture.WaitUntilIdleAsync(tenant);
        await host.StopAsync(Cancellation);

        Assert.Equal("succeeded", await fixture.QueryAsync<string>("SELECT status FROM jobs WHERE tenant_id = @tenant AND kind = 'announce'", new { tenant }));
        Assert.Contains(Invalidation.OfTenant(tenant), coherence.Announced);
        Assert.Equal(0, await fixture.QueryAsync<int>(
            "SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @tenant AND action IN ('provisioning.run_failed', 'provisioning.stage_failed')", new { tenant }));
    }

    private sealed class UnreachableCoherence : ICoherence
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public bool IsReachable { get; set; }

        public List<Invalidation> Announced { get; } = [];

        public Task InvalidateAsync(IReadOnlyCollection<Invalidation> changes, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            if (!IsReachable) throw new ChangeNotAnnouncedException();
            Announced.AddRange(changes);
            return Task.CompletedTask;
        }
    }
}
