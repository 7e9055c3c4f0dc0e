namespace ValidonX.Tests.Provisioner;

/// <summary>The instants of a stage at which a worker's death is told apart.</summary>
public enum StageInstant
{
    /// <summary>Recorded as running, nothing done.</summary>
    Before,

    /// <summary>Done outside the platform database, nothing recorded.</summary>
    Executed,

    /// <summary>Recorded as done; the next stage is recorded as running.</summary>
    After,
}

/// <summary>What happens to the worker there: POSIX signal numbers of Linux.</summary>
internal enum Signal
{
    Kill = 9,
    Stop = 19,
}
