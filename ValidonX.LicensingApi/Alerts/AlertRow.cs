namespace ValidonX.LicensingApi.Alerts;

/// <summary>A row of <c>alerts</c> with its tenant's name.</summary>
internal sealed record AlertRow
{
    /// <summary>The columns, of <c>alerts a JOIN tenants t</c>.</summary>
    public const string Columns =
        """
        a.id, a.tenant_id, t.slug AS tenant_slug, a.kind, a.subject, a.severity, a.status, a.measured, a.threshold, a.peak, a.opened_at, a.last_seen_at, a.acknowledged_at, a.acknowledged_by,
          a.closed_at, a.closed_by
        """;

    public Guid Id { get; init; }

    public Guid TenantId { get; init; }

    public string TenantSlug { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Severity { get; init; } = "";

    public string Status { get; init; } = "";

    public double Measured { get; init; }

    public double Threshold { get; init; }

    public double Peak { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    public string? ClosedBy { get; init; }

    public ShownAlert Show() =>
        new(
            Id, TenantId, TenantSlug, Kind, Subject.Length == 0 ? null : Subject, Severity, Status, Measured, Threshold, Peak, OpenedAt, LastSeenAt, AcknowledgedAt, AcknowledgedBy, ClosedAt, ClosedBy);
}
