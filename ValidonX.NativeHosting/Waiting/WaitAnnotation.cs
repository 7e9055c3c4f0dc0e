namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource starts only after another has come so far.</summary>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The resource that is waited for.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>How far it must have come.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>The exit code that counts as completion.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>How far a resource that is waited for must have come.</summary>
public enum WaitType
{
    /// <summary>It runs and its health checks pass.</summary>
    WaitUntilHealthy = 0,

    /// <summary>It has ended.</summary>
    WaitForCompletion = 1,

    /// <summary>It runs.</summary>
    WaitUntilStarted = 2,
}

/// <summary>The resource starts only on command.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;
