using ValidonX.Platform.Alerts;
using ValidonX.Platform.Rollups;

namespace ValidonX.Provisioner.Alerts;

/// <summary>A tenant with its thresholds, each the tenant's own, else its plan's, else the configured one.</summary>
internal sealed record JudgedTenant
{
    public Guid Id { get; init; }

    public string Slug { get; init; } = "";

    public long? NoisyPercent { get; init; }

    public long? NoisyRequests { get; init; }

    public long? ErrorPercent { get; init; }

    public long? P95Ms { get; init; }

    public long? MinimumRequests { get; init; }

    public long? QueueAgeS { get; init; }

    public long? QuotaPercent { get; init; }

    /// <summary>The calls of a month; null when there is no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>How many were made in this one.</summary>
    public long? Used { get; init; }

    /// <summary>What is wrong with how much it calls and how its callers fare.</summary>
    /// <param name="use">What it came to in the running minute and the one before.</param>
    /// <param name="median">The requests that half of the active tenants stayed at or below.</param>
    /// <param name="options">What counts where nobody said otherwise.</param>
    public IEnumerable<Condition> Judge(Use use, long median, AlertOptions options)
    {
        var noisyPercent = NoisyPercent ?? options.NoisyPercent;
        if (use.Requests >= (NoisyRequests ?? options.NoisyRequests) && use.Requests * 100.0 > median * (double)noisyPercent)
        {
            yield return Of(AlertKinds.NoisyNeighbor, use.Requests, Math.Max(NoisyRequests ?? options.NoisyRequests, median * noisyPercent / 100.0));
        }

        var errors = use.Requests == 0 ? 0 : use.Errors * 100.0 / use.Requests;
        var isEnough = use.Requests >= (MinimumRequests ?? options.MinimumRequests);
        if (isEnough && errors >= (ErrorPercent ?? options.ErrorPercent))
        {
            yield return Of(AlertKinds.ErrorRate, Math.Round(errors, 1), ErrorPercent ?? options.ErrorPercent);
        }

        if (isEnough && use.Percentile(0.95) is { } p95 && p95 >= (P95Ms ?? options.P95Ms))
        {
            yield return Of(AlertKinds.LatencyP95, Math.Round(p95, 1), P95Ms ?? options.P95Ms);
        }

        if (use.QueueAge >= (QueueAgeS ?? options.QueueAgeS))
        {
            yield return Of(AlertKinds.QueueAge, use.QueueAge, QueueAgeS ?? options.QueueAgeS);
        }
    }

    /// <summary>What is wrong with what is left of the month's calls. A quota that is reached is near no longer, and one alert is enough to say so.</summary>
    public IEnumerable<Condition> JudgeQuota(AlertOptions options)
    {
        if (Quota is not { } quota || Used is not { } used || used == 0)
        {
            yield break;
        }

        var percent = quota == 0 ? 100 : used * 100.0 / quota;
        if (percent >= 100)
        {
            yield return Of(AlertKinds.QuotaReached, Math.Round(percent, 1), 100);
        }
        else if (percent >= (QuotaPercent ?? options.QuotaPercent))
        {
            yield return Of(AlertKinds.QuotaNear, Math.Round(percent, 1), QuotaPercent ?? options.QuotaPercent);
        }
    }

    private Condition Of(string kind, double measured, double threshold) => new(new AlertKey(Id, kind, ""), Slug, measured, threshold);
}
