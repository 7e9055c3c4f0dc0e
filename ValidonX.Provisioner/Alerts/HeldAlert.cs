namespace ValidonX.Provisioner.Alerts;

/// <summary>An alert whose condition was not over when it was last looked at, or not for long enough.</summary>
internal sealed record HeldAlert
{
    /// <summary>The columns.</summary>
    public const string Columns = "id, tenant_id, kind, subject, severity, status, measured, threshold, opened_at, clear_since";

    public Guid Id { get; init; }

    public Guid TenantId { get; init; }

    public string Kind { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Severity { get; init; } = "";

    public string Status { get; init; } = "";

    public double Measured { get; init; }

    public double Threshold { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ClearSince { get; init; }

    public AlertKey Key => new(TenantId, Kind, Subject);
}
