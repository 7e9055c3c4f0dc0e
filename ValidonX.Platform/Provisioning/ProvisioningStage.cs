namespace ValidonX.Platform.Provisioning;

/// <summary>One stage of a run; a row of <c>provisioning_stages</c>.</summary>
public sealed record ProvisioningStage
{
    /// <summary>Its place, 1–12.</summary>
    public required int Number { get; init; }

    /// <summary>One of <see cref="ProvisioningStages"/>.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="RunStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>How often it was begun.</summary>
    public required int Attempts { get; init; }

    /// <summary>When its last attempt began (UTC).</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its last attempt ended (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How long its last attempt took, milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Why its last attempt failed, one sentence.</summary>
    public string? Error { get; init; }
}
