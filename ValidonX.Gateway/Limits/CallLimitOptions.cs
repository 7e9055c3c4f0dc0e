namespace ValidonX.Gateway.Limits;

/// <summary>
/// Configuration section <c>RateLimiting</c>: the quotas that neither a plan nor an operator sets. <c>VALIDONX_API_RATE_LIMIT_REQUESTS</c>
/// and <c>VALIDONX_API_RATE_LIMIT_PERIOD</c> (seconds) set the first two for every plan.
/// </summary>
internal sealed class CallLimitOptions
{
    /// <summary>Calls with one key in a period, instead of the plan's; none by default.</summary>
    public long? KeyRequests { get; set; }

    /// <summary>Length of a key's window in seconds.</summary>
    public int KeyPeriodSeconds { get; set; } = 60;

    /// <summary>Activations with one key in an endpoint's window.</summary>
    public long Activations { get; set; } = 60;

    /// <summary>Heartbeats of leased seats, and seats given back, with one key in an endpoint's window.</summary>
    public long Heartbeats { get; set; } = 1_200;

    /// <summary>Usage events with one key in an endpoint's window.</summary>
    public long Usage { get; set; } = 600;

    /// <summary>Entitlement checks with one key in an endpoint's window.</summary>
    public long Entitlements { get; set; } = 600;

    /// <summary>Requests of one client address (IPv6: /64) on public routes in a minute.</summary>
    public long AnonymousRequests { get; set; } = 300;

    /// <summary>Length of an endpoint's window in seconds.</summary>
    public int EndpointPeriodSeconds { get; set; } = 60;
}
