namespace ValidonX.Platform.Jobs;

/// <summary>How an attempt ended.</summary>
public enum JobOutcome
{
    /// <summary>The outcome could not be written: the lease runs out and the job is tried again.</summary>
    Unwritten,

    /// <summary>The job is done.</summary>
    Succeeded,

    /// <summary>It failed and will be repeated.</summary>
    Retried,

    /// <summary>It failed for good.</summary>
    Failed,

    /// <summary>Another worker had taken the job over.</summary>
    Lost,

    /// <summary>This process ends: another worker takes it.</summary>
    HandedBack,
}
