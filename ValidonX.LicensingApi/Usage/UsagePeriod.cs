namespace ValidonX.LicensingApi.Usage;

/// <summary>Usage is counted per calendar month, UTC.</summary>
internal static class UsagePeriod
{
    /// <summary>The first day of the month of a time, as <c>usage_counters.period_start</c> has it.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-01", System.Globalization.CultureInfo.InvariantCulture);
}
