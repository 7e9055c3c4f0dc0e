using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>Reads what was delivered. An endpoint that is deleted takes its log with it.</summary>
internal sealed class DeliveryLog(PlatformDatabase platform)
{
    private const int MostAttempts = 50;
    private const string NotShown = "[not shown]";

    /// <summary>One page of an endpoint's deliveries, newest first; <see langword="null"/> when there is no such endpoint.</summary>
    public async Task<(IReadOnlyList<DeliveryRow> Items, string? NextCursor)?> ListAsync(Guid tenantId, Guid endpointId, DeliveryFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT EXISTS (SELECT 1 FROM webhook_endpoints WHERE tenant_id = @tenantId AND id = @endpointId AND url IS NOT NULL);
            SELECT {DeliveryRow.Columns} FROM webhook_deliveries d
            WHERE d.tenant_id = @tenantId AND d.endpoint_id = @endpointId {(filter.Status is null ? "" : "AND d.status = @Status")} {(page.Before is null ? "" : "AND d.id < @Before")}
            ORDER BY d.id DESC LIMIT @take
            """,
            new { tenantId, endpointId, filter.Status, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken));
        var exists = await rows.ReadSingleAsync<bool>();
        var items = (await rows.ReadAsync<DeliveryRow>()).AsList();
        return exists ? page.Cut(items, row => row.Id) : null;
    }

    /// <summary>One delivery with all that was said, or <see langword="null"/>.</summary>
    public async Task<DeliveryDetails?> FindAsync(Guid tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {DeliveryRow.Columns} FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id AND e.url IS NOT NULL
            WHERE d.tenant_id = @tenantId AND d.id = @id;
            SELECT e.body FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id WHERE d.tenant_id = @tenantId AND d.id = @id;
            SELECT CAST(number AS SIGNED) AS number, attempted_at AS at, url, CAST(duration_ms AS SIGNED) AS duration_ms, response_status, response_body, error
            FROM webhook_attempts WHERE tenant_id = @tenantId AND delivery_id = @id ORDER BY number DESC LIMIT @MostAttempts
            """,
            new { tenantId, id, MostAttempts },
            cancellationToken: cancellationToken));
        var delivery = await rows.ReadSingleOrDefaultAsync<DeliveryRow>();
        var body = await rows.ReadSingleOrDefaultAsync<string>();
        var attempts = (await rows.ReadAsync<AttemptRow>()).Select(row => row.Show()).ToList();
        return delivery is null ? null : new DeliveryDetails(delivery.Show(), Request(delivery, body ?? ""), attempts);
    }

    private static ShownWebhookRequest Request(DeliveryRow delivery, string body) => new(
        "POST",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["content-type"] = WebhookHeaders.ContentType,
            ["user-agent"] = WebhookHeaders.UserAgent,
            [WebhookHeaders.Id] = WebhookEvent.PublicIdOf(delivery.EventId),
            [WebhookHeaders.Timestamp] = "[the seconds of the try]",
            [WebhookHeaders.Signature] = NotShown,
            [WebhookHeaders.PlainSignature] = NotShown,
        },
        body);

    private sealed record AttemptRow
    {
        public long Number { get; init; }

        public DateTimeOffset At { get; init; }

        public string Url { get; init; } = "";

        public long DurationMs { get; init; }

        public int? ResponseStatus { get; init; }

        public string? ResponseBody { get; init; }

        public string? Error { get; init; }

        public ShownAttempt Show() => new(Number, At, Url, DurationMs, ResponseStatus, ResponseBody, Error);
    }
}
