using System.Collections.Concurrent;
using ValidonX.Platform.Provisioning;

namespace ValidonX.Tests.Provisioner;

/// <summary>
/// For every stage and instant a run whose worker killed itself there with SIGKILL, all of them finished by one other worker afterwards.
/// </summary>
public sealed class CrashedRuns : IAsyncLifetime
{
    private const int KilledBySignal = 128 + (int)Signal.Kill;
    private const int AtOnce = 3;

    private readonly ConcurrentDictionary<(int Stage, StageInstant Instant), Guid> _tenants = new();

    internal ProvisioningFixture Provisioning { get; } = new();

    public static IEnumerable<(int Stage, StageInstant Instant)> Cases =>
        from stage in Enumerable.Range(1, ProvisioningStages.InOrder.Length)
        from instant in Enum.GetValues<StageInstant>()
        select (stage, instant);

    public async ValueTask InitializeAsync()
    {
        await Provisioning.InitializeAsync();
        await Parallel.ForEachAsync(
            Cases,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (place, _) => _tenants[place] = await CrashAsync(place.Stage, place.Instant));

        // The dead workers' leases run out.
        await Provisioning.ExecuteAsync(
            "UPDATE jobs SET due_at = UTC_TIMESTAMP(6) WHERE status = 'running'; UPDATE job_queues SET next_at = UTC_TIMESTAMP(6)");
        await using var worker = WorkerProcess.Start(Provisioning.Configuration());
        foreach (var tenant in _tenants.Values)
        {
            await Provisioning.WaitUntilSucceededAsync(tenant);
            await Provisioning.WaitUntilIdleAsync(tenant);
        }
    }

    public ValueTask DisposeAsync() => Provisioning.DisposeAsync();

    /// <summary>The tenant whose run was cut off there.</summary>
    internal Guid TenantCutOffAt(int stage, StageInstant instant) => _tenants[(stage, instant)];

    // Leases are long here, so that each worker takes up a new run and not one of those cut off before.
    private async Task<Guid> CrashAsync(int stage, StageInstant instant)
    {
        await Provisioning.RequestTenantAsync();
        await using var worker = WorkerProcess.Start(Provisioning.Configuration(
            ("Provisioner:Workers", "1"), ("Provisioner:Lease", "00:05:00"), ("Signal", nameof(Signal.Kill)), ("Stage", $"{stage}"), ("Instant", $"{instant}")));
        var tenant = await worker.ReachedInstant;
        Assert.Equal(KilledBySignal, await worker.WaitForExitAsync());
        return tenant;
    }
}
