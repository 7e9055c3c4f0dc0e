using System.ComponentModel.DataAnnotations;

namespace ValidonX.Platform.Jobs;

/// <summary>How a process works on jobs; bound from the section that its service names, for instance <c>Provisioner</c>.</summary>
public sealed class JobOptions
{
    /// <summary>Jobs that this process runs at the same time.</summary>
    [Range(1, 256)]
    public int Workers { get; set; } = 4;

    /// <summary>How long a lease lasts unless it is renewed, which happens every third of it; also the longest that a dead worker's job waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an idle worker looks by itself; a signal wakes it at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The pause after a first failure, doubled with each further one and varied by up to half either way.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two attempts, before it is varied.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a stopping process lets its jobs run on before it hands them back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan StopPatience { get; set; } = TimeSpan.FromSeconds(5);
}
