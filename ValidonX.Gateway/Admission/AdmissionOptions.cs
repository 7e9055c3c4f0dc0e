namespace ValidonX.Gateway.Admission;

/// <summary>Configuration section <c>Gateway:Admission</c>: how many requests may be under way at once, and how long they may take to arrive.</summary>
internal sealed class AdmissionOptions
{
    /// <summary>Requests of all tenants and of anonymous callers together, per replica.</summary>
    public int MaximumRequests { get; set; } = 1024;

    /// <summary>The part of them that one tenant may occupy, above 0 and at most 1.</summary>
    public double TenantShare { get; set; } = 0.25;

    /// <summary>Requests of anonymous callers, and apart from them of users without a tenant.</summary>
    public int AnonymousRequests { get; set; } = 128;

    /// <summary>Requests of operators, beside <see cref="MaximumRequests"/>: they get in also when everything else is taken.</summary>
    public int OperatorRequests { get; set; } = 64;

    /// <summary>Streams that somebody watches, beside <see cref="MaximumRequests"/>: they last long and cost next to nothing, so they take no place of requests.</summary>
    public int MaximumWatches { get; set; } = 1024;

    /// <summary>The streams of one user or operator.</summary>
    public int WatchesPerUser { get; set; } = 32;

    /// <summary>How long the line and the headers of a request may take to arrive; then 408.</summary>
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a body of up to <see cref="BodyReceipt.MaximumBytes"/> may take to arrive; then 408. Until then it occupies no place.</summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The least bytes a second of any body, after a grace of five seconds.</summary>
    public int MinimumBodyRate { get; set; } = 1024;

    /// <summary>The least bytes a second of a larger body, which occupies a place of its tenant's while it arrives.</summary>
    public int MinimumLargeBodyRate { get; set; } = 16 * 1024;

    /// <summary>
    /// Requests without a valid credential from one address (IPv6: /64) within this second and the last; beyond them each is answered
    /// <see cref="StrangerDelay"/> later.
    /// </summary>
    public int StrangersPerSecond { get; set; } = 100;

    /// <summary>How much later.</summary>
    public TimeSpan StrangerDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Requests of one tenant.</summary>
    public int TenantMaximum => Math.Max(1, (int)(MaximumRequests * TenantShare));
}
