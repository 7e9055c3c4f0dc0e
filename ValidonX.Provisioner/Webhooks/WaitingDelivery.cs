namespace ValidonX.Provisioner.Webhooks;

/// <summary>A delivery that is due.</summary>
internal sealed record WaitingDelivery
{
    public Guid Id { get; init; }

    public Guid EventId { get; init; }

    public string EventType { get; init; } = "";

    /// <summary>Tries that were recorded: whoever records this one must find this number.</summary>
    public long Attempts { get; init; }

    /// <summary>Of them, those of before it was last sent on somebody's word.</summary>
    public long SeriesStart { get; init; }

    /// <summary>What is sent; <see langword="null"/> when the event was kept for long enough.</summary>
    public string? Body { get; init; }

    /// <summary>The request that caused the event.</summary>
    public string? RequestId { get; init; }

    /// <summary>Since when it is due.</summary>
    public DateTimeOffset NextAttemptAt { get; init; }
}
