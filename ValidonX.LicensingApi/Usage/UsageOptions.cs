using System.ComponentModel.DataAnnotations;

namespace ValidonX.LicensingApi.Usage;

/// <summary>Configuration section <c>Usage</c>.</summary>
internal sealed class UsageOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Usage";

    /// <summary>How far the clock of an app may run ahead of ours.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>How many days after it happened usage can be reported.</summary>
    [Range(1, 366)]
    public int LateDays { get; set; } = 35;
}
