namespace ValidonX.Benchmarks.Gateway;

/// <summary>How long and how wide the gateway benchmark runs.</summary>
internal sealed record GatewayBenchmarkOptions
{
    /// <summary>Alternating rounds.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Length of one load within a round.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Length of one uncounted load before.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Most uncounted loads of each contender.</summary>
    public int LongestWarmUp { get; init; } = 15;

    /// <summary>Connections, each with one request at a time.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Licenses asked for cold.</summary>
    public int ColdLicenses { get; init; } = 500;

    /// <summary>Tenants whose licenses are asked for cold when builds are compared.</summary>
    public int ColdTenants { get; init; } = 5;

    /// <summary>Numbers of tenants to compare.</summary>
    public IReadOnlyList<int> Tenants { get; init; } = [1, 100, 1000];
}
