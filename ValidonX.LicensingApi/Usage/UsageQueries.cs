using System.Globalization;
using Dapper;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Usage;

/// <summary>Which usage events a list shows.</summary>
internal sealed record UsageEventFilter : ListQuery
{
    /// <summary>Only those of this entitlement.</summary>
    [Code(Entitlement.MaximumCodeLength)]
    [Example("api.calls")]
    public string? Metric { get; init; }

    /// <summary>Only those of this license.</summary>
    public Guid? LicenseId { get; init; }

    /// <summary>Only what happened then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what happened before.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>How long what is summed up is.</summary>
internal enum UsageBucket
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day, UTC.</summary>
    Day,

    /// <summary>A calendar month, UTC.</summary>
    Month,
}

/// <summary>Which sums a list shows.</summary>
internal sealed record UsageSnapshotFilter : IChecked
{
    private const int MaximumBuckets = 1_000;

    /// <summary>Only those of this entitlement.</summary>
    [Code(Entitlement.MaximumCodeLength)]
    [Example("api.calls")]
    public string? Metric { get; init; }

    /// <summary>Only those of this license; absent: all licenses together.</summary>
    public Guid? LicenseId { get; init; }

    /// <summary>How long what is summed up is.</summary>
    public UsageBucket Bucket { get; init; } = UsageBucket.Day;

    /// <summary>From the hour, day or month in which this lies; absent: the last 24 hours, 31 days or 12 months.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until before this; absent: now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The hours that are summed up.</summary>
    public (DateTime From, DateTime To) Span(DateTimeOffset now)
    {
        var to = (To ?? now).UtcDateTime;
        var from = From?.UtcDateTime ?? Bucket switch
        {
            UsageBucket.Hour => to.AddHours(-23),
            UsageBucket.Day => to.AddDays(-30),
            _ => to.Year > 1 ? to.AddMonths(-11) : DateTime.MinValue,
        };
        return (Bucket switch { UsageBucket.Hour => from.Date.AddHours(from.Hour), UsageBucket.Day => from.Date, _ => new DateTime(from.Year, from.Month, 1, 0, 0, 0, DateTimeKind.Utc) }, to);
    }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (at.Has("from") || at.Has("to") || at.Has("bucket"))
        {
            return;
        }

        var (from, to) = ((From ?? at.Now).UtcDateTime, (To ?? at.Now).UtcDateTime);
        var length = (to - from) / (Bucket switch { UsageBucket.Hour => TimeSpan.FromHours(1), UsageBucket.Day => TimeSpan.FromDays(1), _ => TimeSpan.FromDays(30) });
        if (from > to)
        {
            at.Of("from").Fail("Must not lie after 'to'.");
        }
        else if (length > MaximumBuckets)
        {
            at.Of("from").Fail($"Must not lie more than {MaximumBuckets} hours, days or months before 'to'.");
        }
    }
}

/// <summary>Usage within an hour, day or month.</summary>
/// <param name="LicenseId">The license's id; null: all licenses together.</param>
/// <param name="Metric">The entitlement's code.</param>
/// <param name="PeriodStart">When it begins.</param>
/// <param name="Used">How much was used.</param>
/// <param name="Events">How many reports that were.</param>
internal sealed record UsageSnapshot(Guid? LicenseId, [property: Example("api.calls")] string Metric, DateTimeOffset PeriodStart, long Used, long Events);

/// <summary>Usage as its vendor sees it.</summary>
internal sealed class UsageQueries(TenantDatabases databases, TimeProvider time)
{
    /// <summary>One page of events, those that came last first.</summary>
    public async Task<(IReadOnlyList<UsageEventDetails> Items, string? NextCursor)> EventsAsync(
        TenantPlacement placement, UsageEventFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<EventRow>(new CommandDefinition(
            """
            SELECT id, license_id, code, quantity, metadata, recorded_at FROM usage_events
            WHERE (@Metric IS NULL OR code = @Metric) AND (@LicenseId IS NULL OR license_id = @LicenseId)
              AND (@From IS NULL OR recorded_at >= @From) AND (@To IS NULL OR recorded_at < @To) AND (@Before IS NULL OR id < @Before)
            ORDER BY id DESC LIMIT @take
            """,
            new { filter.Metric, filter.LicenseId, filter.From, filter.To, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        var (events, nextCursor) = page.Cut(rows, row => row.Id);
        return ([.. events.Select(row => row.Show())], nextCursor);
    }

    /// <summary>Sums, oldest first.</summary>
    public async Task<IReadOnlyList<UsageSnapshot>> SnapshotsAsync(TenantPlacement placement, UsageSnapshotFilter filter, CancellationToken cancellationToken)
    {
        var (from, to) = filter.Span(time.GetUtcNow());
        var start = filter.Bucket switch { UsageBucket.Hour => "hour", UsageBucket.Day => "CAST(DATE(hour) AS DATETIME)", _ => "CAST(DATE_FORMAT(hour, '%Y-%m-01') AS DATETIME)" };
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return
        [
            .. (await scope.Connection.QueryAsync<SumRow>(new CommandDefinition(
                $"""
                SELECT code, {start} AS start, CAST(LEAST(SUM(used), {long.MaxValue.ToString(CultureInfo.InvariantCulture)}) AS SIGNED) AS used, CAST(SUM(events) AS SIGNED) AS events FROM usage_hours
                WHERE hour >= @from AND hour < @to AND (@Metric IS NULL OR code = @Metric) AND (@LicenseId IS NULL OR license_id = @LicenseId)
                GROUP BY code, start ORDER BY start, code
                """,
                new { from, to, filter.Metric, filter.LicenseId },
                cancellationToken: cancellationToken)))
            .Select(row => new UsageSnapshot(filter.LicenseId, row.Code, new DateTimeOffset(DateTime.SpecifyKind(row.Start, DateTimeKind.Utc)), row.Used, row.Events)),
        ];
    }

    private sealed class EventRow
    {
        public Guid Id { get; init; }

        public Guid LicenseId { get; init; }

        public string Code { get; init; } = "";

        public long Quantity { get; init; }

        public string Metadata { get; init; } = "{}";

        public DateTimeOffset RecordedAt { get; init; }

        // A UUID of version 7 begins with the milliseconds of its making.
        public UsageEventDetails Show() => new(
            Id, LicenseId, Code, Quantity, new RawJson(Metadata), RecordedAt, DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(Id.ToString("N")[..12], 16)));
    }

    private sealed class SumRow
    {
        public string Code { get; init; } = "";

        public DateTime Start { get; init; }

        public long Used { get; init; }

        public long Events { get; init; }
    }
}
