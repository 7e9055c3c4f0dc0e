using System.Security.Cryptography;
using System.Text;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;

namespace ValidonX.LicensingApi.Usage;

/// <summary>The answer to <c>usage/record</c>.</summary>
internal sealed record UsageAnswer(bool Recorded, ShownUsageEvent UsageEvent);

/// <summary>A usage event as shown (CONTRACT §3).</summary>
internal sealed record ShownUsageEvent(Guid Id, string EntitlementCode, long Quantity, DateTimeOffset RecordedAt);

/// <summary>What an app reports.</summary>
/// <param name="License">Of which license.</param>
/// <param name="Metric">The entitlement's code.</param>
/// <param name="Quantity">At least 1.</param>
/// <param name="Metadata">A JSON object.</param>
/// <param name="At">When it happened.</param>
/// <param name="KeyHash">SHA-256 of the report's idempotency key, if it has one.</param>
internal sealed record UsageReport(LicenseView License, string Metric, long Quantity, string Metadata, DateTimeOffset At, byte[]? KeyHash)
{
    /// <summary>
    /// SHA-256 of what is reported, to tell a repetition from another report under the same key. When it happened is not part of it, so that an app which had no
    /// answer to a single report may send it again in a batch.
    /// </summary>
    public byte[] RequestHash => SHA256.HashData(Encoding.UTF8.GetBytes($"{License.Id}\n{Metric}\n{Quantity}\n{Metadata}"));

    /// <summary>What it is counted in.</summary>
    public CounterKey Counter => new(License.Id, Metric, UsagePeriod.Of(At));

    /// <summary>The hour in which it happened.</summary>
    public DateTime Hour => At.UtcDateTime.Date.AddHours(At.UtcDateTime.Hour);

    /// <summary>The limit of the metric, if it has any.</summary>
    public long? Limit => License.Entitlements.TryGetValue(Metric, out var entitlement) ? entitlement.Limit : null;

    /// <summary>Whether what is beyond the limit is refused.</summary>
    public bool IsHard => License.Entitlements.TryGetValue(Metric, out var entitlement) && entitlement.HardLimit;
}

/// <summary>What names a row of <c>usage_counters</c>. Rows are locked in this order, so that nobody waits in a circle.</summary>
internal readonly record struct CounterKey(Guid LicenseId, string Metric, string Period) : IComparable<CounterKey>
{
    /// <inheritdoc/>
    public int CompareTo(CounterKey other) =>
        string.CompareOrdinal($"{LicenseId}\n{Metric}\n{Period}", $"{other.LicenseId}\n{other.Metric}\n{other.Period}");
}

/// <summary>The recorded event, and whether it was recorded by an earlier report with the same key.</summary>
internal sealed record RecordedUsage(ShownUsageEvent Event, bool IsReplay);

/// <summary>A usage event as its vendor sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LicenseId">The license's id.</param>
/// <param name="Metric">The entitlement's code.</param>
/// <param name="Quantity">How much was used.</param>
/// <param name="Metadata">What the app keeps with it.</param>
/// <param name="RecordedAt">When it happened.</param>
/// <param name="ReceivedAt">When it was reported.</param>
internal sealed record UsageEventDetails(
    Guid Id,
    Guid LicenseId,
    [property: Example("api.calls")] string Metric,
    [property: Example("3")] long Quantity,
    [property: Shape(Microsoft.OpenApi.JsonSchemaType.Object)]
    [property: Example("""{"job": "nightly"}""")] Platform.Api.RawJson Metadata,
    DateTimeOffset RecordedAt,
    DateTimeOffset ReceivedAt);
