namespace Aspire.Hosting;

/// <summary>What a stack is started for.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>The operation.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>Whether the stack is run.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>Whether files for a deployment are written instead; never here.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>What a stack can be started for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>To run.</summary>
    Run = 0,

    /// <summary>To write files for a deployment.</summary>
    Publish = 1,
}
