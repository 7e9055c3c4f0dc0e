using ValidonX.Coherence;

namespace ValidonX.Gateway.Resolution;

/// <summary>Configuration section <c>Gateway:Resolution</c>.</summary>
internal sealed class ResolutionOptions
{
    /// <summary>
    /// The domain under which every tenant has a subdomain (<c>{slug}.{BaseDomain}</c>) that names it for bearer calls; none by default.
    /// </summary>
    public string? BaseDomain { get; set; }

    /// <summary>How long an unknown key, token or host is remembered as such.</summary>
    public TimeSpan UnknownFor { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Most unknown ones that are remembered; the oldest go first.</summary>
    public int MaximumUnknown { get; set; } = 20_000;

    /// <summary>Most keys that are remembered.</summary>
    public int MaximumKeys { get; set; } = 200_000;

    /// <summary>Most look-ups in the platform database at once.</summary>
    public int ConcurrentLookups { get; set; } = 12;

    /// <summary>Most look-ups at once of callers who lately sent many unknown keys.</summary>
    public int ConcurrentSuspectLookups { get; set; } = 2;

    /// <summary>Most requests that wait for a look-up; beyond, 503.</summary>
    public int WaitingLookups { get; set; } = 2_000;

    /// <summary>Unknown keys within a second or two that make an address a suspect.</summary>
    public int SuspectAfter { get; set; } = 20;

    /// <summary>Time between two writes of <c>last_used_at</c>.</summary>
    public TimeSpan LastUsedInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A cache of what callers name, in these bounds.</summary>
    internal CoherentCacheOptions<T> Bounded<T>(string type)
        where T : class =>
        new() { Type = type, Capacity = MaximumKeys, NegativeCapacity = MaximumUnknown, NegativeTimeToLive = UnknownFor };
}
