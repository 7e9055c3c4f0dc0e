namespace ValidonX.Tests.Telemetry;

/// <summary>The last export of a process's metrics; it is read when somebody asks.</summary>
internal sealed class MetricExport(byte[] body)
{
    private readonly Lazy<CollectedSeries[]> _series = new(() => [.. OtlpReader.Metrics(body)]);

    public byte[] Body => body;

    /// <summary>The process, as <see cref="OtlpReader.Process"/> names it.</summary>
    public string Process { get; } = OtlpReader.Process(body);

    public IReadOnlyList<CollectedSeries> Series => _series.Value;
}
