namespace ValidonX.Platform.Alerts;

/// <summary><c>alerts.status</c>.</summary>
public static class AlertStatus
{
    /// <summary>Nobody has taken it on.</summary>
    public const string Open = "open";

    /// <summary>Somebody has.</summary>
    public const string Acknowledged = "acknowledged";

    /// <summary>Over, or closed by an operator.</summary>
    public const string Closed = "closed";
}
