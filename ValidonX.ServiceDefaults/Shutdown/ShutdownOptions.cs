namespace ValidonX.ServiceDefaults.Shutdown;

/// <summary>Configuration section <c>Shutdown</c>.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Shutdown";

    /// <summary>
    /// How long a stopping service goes on serving while it says that it is not ready: longer than whoever sends it requests takes to notice.
    /// 5 s; none in development, where nobody stands in front.
    /// </summary>
    public TimeSpan DrainTime { get; set; }

    /// <summary>How long the requests under way may take after that.</summary>
    public TimeSpan FinishTime { get; set; } = TimeSpan.FromSeconds(30);
}
