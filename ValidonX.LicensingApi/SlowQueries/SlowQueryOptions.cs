using System.ComponentModel.DataAnnotations;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>Configuration section <c>SlowQueries</c>.</summary>
internal sealed class SlowQueryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "SlowQueries";

    /// <summary>From when on a statement is slow.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan Threshold { get; set; } = TimeSpan.FromMilliseconds(200);
}
