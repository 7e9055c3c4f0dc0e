namespace ValidonX.Tests.Telemetry;

/// <summary>A span as it arrived.</summary>
internal sealed record CollectedSpan(
    string Service,
    string Source,
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    int Kind,
    bool IsError,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<string> LinkedTraces)
{
    public const int Server = 2;
    public const int Client = 3;
    public const int Consumer = 5;
}

/// <summary>A log line as it arrived.</summary>
internal sealed record CollectedLog(string Service, string Category, string Body, string TraceId, IReadOnlyDictionary<string, string> Attributes);

/// <summary>One series of a metric as it arrived last; of a histogram the value is its count.</summary>
internal sealed record CollectedSeries(string Service, string Metric, string Unit, double Value, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Whether it can but grow.</summary>
    public bool IsTotal { get; init; }

    public CollectedHistogram? Histogram { get; init; }
}

/// <summary>What a histogram has besides its count: one more bucket than bounds.</summary>
internal sealed record CollectedHistogram(double Sum, IReadOnlyList<double> Bounds, IReadOnlyList<ulong> Counts);
