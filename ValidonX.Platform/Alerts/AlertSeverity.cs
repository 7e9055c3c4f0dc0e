namespace ValidonX.Platform.Alerts;

/// <summary><c>alerts.severity</c>.</summary>
public static class AlertSeverity
{
    /// <summary>Somebody should look.</summary>
    public const string Warning = "warning";

    /// <summary>Callers are turned away, or somebody waits who gets no further.</summary>
    public const string Critical = "critical";
}
