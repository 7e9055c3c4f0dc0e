using System.Globalization;

namespace ValidonX.Platform.Rollups;

/// <summary>Where roll-ups lie in Redis: a hash for each tenant and hour, with a field for each minute and process.</summary>
internal static class RollupKeys
{
    /// <summary>What the field of an hour's routes begins with.</summary>
    public const string Routes = "routes:";

    private const string HourFormat = "yyyyMMddHH";

    /// <summary>For how long minutes are kept after their hour has begun.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(25);

    /// <summary>A tenant's hour; of all tenants together for the empty id.</summary>
    public static string OfHour(Guid tenantId, DateTime hour) =>
        tenantId == Guid.Empty ? $"use:{Text(hour)}" : $"tenant:{tenantId}:use:{Text(hour)}";

    /// <summary>The set of tenants that had any in an hour.</summary>
    public static string TenantsOf(DateTime hour) => $"use:{Text(hour)}:tenants";

    /// <summary>The field of what one process counted in a minute, or of an hour's routes.</summary>
    public static string Field(DateTime at, bool isRoutes, string source) =>
        isRoutes ? Routes + source : string.Create(CultureInfo.InvariantCulture, $"{at.Minute}:{source}");

    /// <summary>Matches what all processes counted in a minute of an hour.</summary>
    public static string PatternOf(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute}:*");

    /// <summary>The minute of a field that is no routes'.</summary>
    public static bool TryMinute(string field, out int minute)
    {
        minute = -1;
        return field.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            && int.TryParse(field.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out minute)
            && minute < 60;
    }

    private static string Text(DateTime hour) => hour.ToString(HourFormat, CultureInfo.InvariantCulture);
}
