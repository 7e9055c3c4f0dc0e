using System.ComponentModel.DataAnnotations;

namespace ValidonX.Platform.Rollups;

/// <summary>Configuration section <c>Rollups</c>; see docs/decisions/0028-rollups.md.</summary>
internal sealed class RollupOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Rollups";

    /// <summary>How often what was counted is written to Redis; a process that is killed loses this much.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);
}
