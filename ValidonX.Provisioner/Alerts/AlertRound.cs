using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Platform.Alerts;
using ValidonX.Platform.Rollups;

namespace ValidonX.Provisioner.Alerts;

/// <summary>
/// One look at everything that alerts are about. Several may look at once and one may die in the midst of it: whatever each writes, the database decides whether it was written before.
/// </summary>
internal sealed partial class AlertRound(
    RecentUse recent, AlertFacts facts, ConfiguredThresholds configured, AlertJournal journal, IOptions<AlertOptions> options, TimeProvider time, ILogger<AlertRound> logger)
{
    /// <summary>Looks, opens, keeps up and closes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await configured.TellAsync(cancellationToken);
        var held = await facts.HeldAsync(cancellationToken);
        var uses = await TryReadAsync(now, cancellationToken);
        var tenants = await facts.TenantsAsync([.. held.Select(alert => alert.TenantId).Concat(uses?.Keys ?? []).Distinct()], now, cancellationToken);
        var median = uses is null ? 0 : RecentUse.MedianRequests(uses.Values);
        var conditions = (await facts.FailuresAsync(cancellationToken))
            .Concat(tenants.SelectMany(tenant => tenant.JudgeQuota(options.Value)))
            .Concat(tenants.SelectMany(tenant => uses?.GetValueOrDefault(tenant.Id) is { } use ? tenant.Judge(use, median, options.Value) : []))
            .ToDictionary(condition => condition.Key);

        var known = held.ToDictionary(alert => alert.Key);
        foreach (var condition in conditions.Values.Where(condition => !known.ContainsKey(condition.Key)))
        {
            await journal.OpenAsync(condition, now, cancellationToken);
        }

        await journal.KeepUpAsync([.. held.Where(alert => conditions.ContainsKey(alert.Key)).Select(alert => (alert, conditions[alert.Key]))], now, cancellationToken);

        // What cannot be measured is neither wrong nor over.
        await journal.ClearAsync([.. held.Where(alert => !conditions.ContainsKey(alert.Key) && (uses is not null || !AlertKinds.IsMeasured(alert.Kind)))], now, cancellationToken);
    }

    private async Task<IReadOnlyDictionary<Guid, Use>?> TryReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return await recent.ReadAsync(now, cancellationToken);
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            Log.NotMeasured(logger);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis is away: what tenants' callers experience cannot be judged. Alerts about it stay as they are.")]
        public static partial void NotMeasured(ILogger logger);
    }
}
