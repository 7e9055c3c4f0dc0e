namespace ValidonX.ServiceDefaults.Health;

/// <summary>Configuration section <c>Health</c>.</summary>
internal sealed class HealthOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Health";

    /// <summary>Time between two looks at everything that the service needs; a quarter of it while the service is not ready.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After which something that has not answered counts as not healthy.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The port, one of those that the service listens on, where a service that strangers reach tells what exactly is wrong; none by default.
    /// Services that only their own kind reaches tell it on every port.
    /// </summary>
    public int? DetailsPort { get; set; }
}
