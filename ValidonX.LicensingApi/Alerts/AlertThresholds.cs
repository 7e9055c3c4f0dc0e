using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>From when on something is an alert. Of a tenant null is "the plan's", of a plan null is "as the platform is configured".</summary>
internal sealed record AlertThresholds : IRequest
{
    private const long Most = 1_000_000_000_000;

    /// <summary>`noisy_neighbor`: above so many percent of the median of active tenants.</summary>
    [Whole(101, 1_000_000)]
    [Example("200")]
    public long? NoisyPercent { get; init; }

    /// <summary>`noisy_neighbor`: and with at least so many requests in the running minute and the one before.</summary>
    [Whole(1, Most)]
    [Example("1000")]
    public long? NoisyRequests { get; init; }

    /// <summary>`error_rate`: so many percent of the requests were answered with 500 and above.</summary>
    [Whole(1, 100)]
    [Example("5")]
    public long? ErrorPercent { get; init; }

    /// <summary>`latency_p95`: one request in twenty took so many milliseconds or more.</summary>
    [Whole(1, 3_600_000)]
    [Example("2000")]
    public long? P95Ms { get; init; }

    /// <summary>`error_rate` and `latency_p95`: below so many requests in the running minute and the one before nothing is judged.</summary>
    [Whole(1, Most)]
    [Example("20")]
    public long? MinimumRequests { get; init; }

    /// <summary>`queue_age`: a background job has been due for so many seconds.</summary>
    [Whole(1, 31_536_000)]
    [Example("300")]
    public long? QueueAgeS { get; init; }

    /// <summary>`quota_near`: so many percent of the month's calls are used up.</summary>
    [Whole(1, 99)]
    [Example("80")]
    public long? QuotaPercent { get; init; }
}
