namespace ValidonX.Platform.Jobs;

/// <summary>How long a failed job waits: longer with each attempt, and not in step with the other jobs that failed for the same reason.</summary>
public sealed class JobBackoff(TimeSpan first, TimeSpan longest, Random random)
{
    /// <summary>The pause after this attempt (1 for the first) has failed.</summary>
    public TimeSpan After(int attempt)
    {
        // Beyond 2^30 the longest pause has long been reached.
        var doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return TimeSpan.FromMilliseconds(Math.Min(doubled, longest.TotalMilliseconds) * (0.5 + random.NextDouble()));
    }
}
