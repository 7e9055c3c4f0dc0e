using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>A row of <c>webhook_deliveries</c>.</summary>
internal sealed record DeliveryRow
{
    /// <summary>The columns that Dapper maps onto this record, of <c>webhook_deliveries d</c>.</summary>
    public const string Columns =
        "d.id, d.endpoint_id, d.event_id, d.event_type, d.status, CAST(d.attempts AS SIGNED) AS attempts, d.response_status, d.next_attempt_at, d.delivered_at, d.created_at";

    public Guid Id { get; init; }

    public Guid EndpointId { get; init; }

    public Guid EventId { get; init; }

    public string EventType { get; init; } = "";

    public string Status { get; init; } = DeliveryStatus.Pending;

    public long Attempts { get; init; }

    public int? ResponseStatus { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>As its owner sees it.</summary>
    public ShownDelivery Show() =>
        new(Id, EndpointId, WebhookEvent.PublicIdOf(EventId), EventType, Status, Attempts, ResponseStatus, Status == DeliveryStatus.Pending ? NextAttemptAt : null, DeliveredAt, CreatedAt);
}

/// <summary>An event on its way to an endpoint. There is one for each event and endpoint, however often it is tried.</summary>
/// <param name="Id">Its id.</param>
/// <param name="WebhookId">The endpoint.</param>
/// <param name="EventId">The event, as its receiver sees it in `webhook-id`.</param>
/// <param name="EventType">The event's type.</param>
/// <param name="Status">Whether it waits for a try, was taken, or is not tried any more.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ResponseStatus">The status that the receiver answered last, if it answered.</param>
/// <param name="NextAttemptAt">When it is tried next.</param>
/// <param name="DeliveredAt">When the receiver took it.</param>
/// <param name="CreatedAt">Since when it is on its way.</param>
internal sealed record ShownDelivery(
    Guid Id,
    Guid WebhookId,
    [property: Example("evt_019d5a3c7e1f7b3a9c5d2e4f6a8b0c1d")] string EventId,
    [property: Example("license.created")] string EventType,
    [property: Words(DeliveryStatus.Pending, DeliveryStatus.Succeeded, DeliveryStatus.Failed)] string Status,
    long Attempts,
    int? ResponseStatus,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset CreatedAt);

/// <summary>A delivery with all that was said.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Request">What is sent.</param>
/// <param name="Attempts">What came of it, the last first; at most fifty.</param>
internal sealed record DeliveryDetails(ShownDelivery Delivery, ShownWebhookRequest Request, IReadOnlyList<ShownAttempt> Attempts);

/// <summary>What is sent to a receiver.</summary>
/// <param name="Method">Always POST.</param>
/// <param name="Headers">The headers that are the platform's own; signatures are not shown.</param>
/// <param name="Body">The body, as it is sent and signed.</param>
internal sealed record ShownWebhookRequest([property: Words("POST")] string Method, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>One try.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="At">When.</param>
/// <param name="Url">Whereto, without the query.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="ResponseStatus">The status of the answer, if there was one.</param>
/// <param name="ResponseBody">The beginning of the answer, what looks like a secret in it left out; null when there was none.</param>
/// <param name="Error">Why it failed, if it did.</param>
internal sealed record ShownAttempt(
    long Number,
    DateTimeOffset At,
    [property: Example("https://hooks.acme.example/validonx")] string Url,
    long DurationMs,
    int? ResponseStatus,
    string? ResponseBody,
    [property: Example("The connection was refused.")] string? Error);

/// <summary>A replay that was begun.</summary>
/// <param name="Queued">How many events are on their way.</param>
/// <param name="ContinueFrom">Where the next replay has to begin; null when these were all.</param>
internal sealed record StartedReplay(int Queued, DateTimeOffset? ContinueFrom);
