namespace ValidonX.Platform.Provisioning;

/// <summary>The states of a provisioning run and of each of its stages, as stored and as shown (CONTRACT §6.1).</summary>
public static class RunStatus
{
    /// <summary>Not begun, or put back to be tried again.</summary>
    public const string Pending = "pending";

    /// <summary>A worker is at it.</summary>
    public const string Running = "running";

    /// <summary>Done.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Given up; an operator's retry resumes at the first stage that is not done.</summary>
    public const string Failed = "failed";
}
