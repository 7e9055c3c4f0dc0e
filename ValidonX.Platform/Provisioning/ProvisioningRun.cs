namespace ValidonX.Platform.Provisioning;

/// <summary>A tenant's provisioning as anyone may look at it: a row of <c>provisioning_runs</c> with its stages.</summary>
public sealed record ProvisioningRun
{
    /// <summary>The run's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="RunStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed, one sentence.</summary>
    public string? Error { get; init; }

    /// <summary>When it was asked for (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a worker first took it (UTC).</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The twelve stages in order.</summary>
    public IReadOnlyList<ProvisioningStage> Stages { get; init; } = [];
}
