using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>Asks a running replica how it is: eagerly until it is well, then now and then.</summary>
internal sealed class ReplicaHealth(IResource resource, string id, ReplicaServices services)
{
    private static readonly TimeSpan Eager = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhenHealthy = TimeSpan.FromSeconds(30);

    /// <summary>How often the eager interval is used before the patient one: a start that takes long is not disturbed further.</summary>
    private const int EagerAttempts = 100;

    public async Task WatchAsync(IReadOnlyList<IReadinessProbe> probes, CancellationToken cancellationToken)
    {
        if (probes.Count == 0)
            return;

        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var reports = await Task.WhenAll(probes.Select(probe => ReportAsync(probe, cancellationToken)));
                cancellationToken.ThrowIfCancellationRequested();
                var isHealthy = reports.All(report => report.Status == HealthStatus.Healthy);
                Publish(reports);
                if (isHealthy)
                    attempt = 0;

                var pause = isHealthy ? WhenHealthy : attempt < EagerAttempts ? Eager : Patient;
                await Task.Delay(pause, services.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process ended.
        }
    }

    private static async Task<HealthReportSnapshot> ReportAsync(IReadinessProbe probe, CancellationToken cancellationToken)
    {
        var result = await probe.CheckAsync(cancellationToken);
        return new(probe.Name, result.Status, result.Description, result.Exception?.Message);
    }

    private void Publish(HealthReportSnapshot[] reports)
    {
        var known = services.Notifications.Find(id);
        if (known is [var present] && !present.Snapshot.HealthReports.SequenceEqual(reports))
            services.Notifications.Publish(resource, id, snapshot => snapshot with { HealthReports = [.. reports] });
    }
}
