using ValidonX.Portal.Components.Parts;

namespace ValidonX.Portal.Pages.Operators;

/// <summary>Limits and thresholds that operators set, in their words.</summary>
internal static class LimitSettings
{
    /// <summary>How often a tenant may call.</summary>
    public static IReadOnlyList<SettingGroup> Rates { get; } =
    [
        new(
            "Calls",
            new("key.requests", "Of one key", "In the period beside."),
            new("key.period_seconds", "Period, seconds", "At most a day: 86400."),
            new("tenant.requests", "Of the tenant in a month", "Of all its keys together.")),
        new(
            "Calls a minute of single endpoints",
            new("endpoint.activations", "Activations", ""),
            new("endpoint.usage", "Usage", ""),
            new("endpoint.entitlements", "Entitlements", "")),
    ];

    /// <summary>How often one key may call.</summary>
    public static IReadOnlyList<SettingGroup> Key { get; } =
        [new("Calls", new("requests", "Calls", "In the period beside."), new("period_seconds", "Period, seconds", "At most a day: 86400."))];

    /// <summary>Who says from when on something is an alert.</summary>
    public static IReadOnlyDictionary<string, string> Sources { get; } = new Dictionary<string, string>
    {
        ["tenant"] = "as said here for the tenant",
        ["plan"] = "as the plan says",
        ["platform"] = "as the platform is configured",
    };

    /// <summary>From when on something is an alert.</summary>
    public static IReadOnlyList<SettingGroup> Alerts { get; } =
    [
        new(
            "Noisy neighbor",
            new("noisy_percent", "Above percent of the median", "Of what active tenants use; above 100."),
            new("noisy_requests", "And with at least so many requests", "In the running minute and the one before.")),
        new(
            "Errors and latency",
            new("error_percent", "Percent of errors", "Answers with 500 and above."),
            new("p95_ms", "P95, milliseconds", "One request in twenty took as long or longer."),
            new("minimum_requests", "Not below so many requests", "In the running minute and the one before; with fewer nothing is judged.")),
        new(
            "Queue and quota",
            new("queue_age_s", "Oldest job, seconds", "A background job has been due for so long."),
            new("quota_percent", "Percent of the month's calls", "So much of the quota is used up.")),
    ];
}
