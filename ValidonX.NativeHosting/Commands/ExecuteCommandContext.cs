using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One run of a command.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The services of the stack's host.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The id of the resource that the command is run on.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Ends when the command is called off.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Writes to the resource's log.</summary>
    public required ILogger Logger { get; init; }
}

/// <summary>How a command ended.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Whether it did what it is for.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether it was called off.</summary>
    public bool Canceled { get; init; }

    /// <summary>What there is to say.</summary>
    public string? Message { get; init; }
}

/// <summary>The ways in which a command can end.</summary>
public static class CommandResults
{
    /// <summary>It did what it is for.</summary>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>It did what it is for.</summary>
    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };

    /// <summary>It did not.</summary>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    /// <summary>It did not.</summary>
    public static ExecuteCommandResult Failure(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Failure(exception.Message);
    }

    /// <summary>It was called off.</summary>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}
