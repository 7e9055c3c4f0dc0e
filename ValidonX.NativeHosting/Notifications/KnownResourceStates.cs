namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of a resource.</summary>
public static class KnownResourceStates
{
    /// <summary>It starts only on command, and was not commanded yet.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>It waits for another resource.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>Its process is being prepared.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>Its process runs.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>Its process was told to end.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>Its process ended with code 0.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>Its process ended with another code, or was killed.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>Its process could not be started.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>The states of a resource that has no process.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}
