using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The state of one replica of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>What kind of resource it is: <c>Project</c>, <c>Executable</c>, <c>Container</c>, or the type's name.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Further facts by name; <c>executable.pid</c> is the process id while there is a process.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>One of <see cref="KnownResourceStates"/>; null before the stack starts.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code of the last process that ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When the process started, UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When the process ended, UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The addresses to show.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>The variables that the process was started with.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>The last outcome of each health check.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>The worst outcome of all health checks; null unless the resource runs.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running
        ? null
        : HealthReports.Length == 0
            ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
}

/// <summary>A fact about a resource.</summary>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether the value must not be shown.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>A state and how to show it.</summary>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state by its name.</summary>
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

/// <summary>An address to show.</summary>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal);

/// <summary>A variable that a process was started with.</summary>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>The last outcome of a health check; the status is null while there was none.</summary>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText);
