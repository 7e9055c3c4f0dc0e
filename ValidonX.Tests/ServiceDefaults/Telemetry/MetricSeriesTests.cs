using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

/// <summary>Many tenants are many series: none is lost, unless somebody is told.</summary>
public sealed class MetricSeriesTests : IDisposable
{
    private readonly Lines _log = new();
    private readonly ServiceProvider _services;
    private readonly Meter _meter = new($"test.{Guid.NewGuid():N}");
    private readonly SeriesWatch _watch;

    public MetricSeriesTests()
    {
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(_log)).BuildServiceProvider();
        _watch = ActivatorUtilities.CreateInstance<SeriesWatch>(_services);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void With_three_thousand_tenants_every_series_of_every_route_is_exported()
    {
        var duration = _meter.CreateHistogram<double>("http.server.request.duration", "s");

        var exported = Export(new TelemetryOptions().Tenants, () => Record(duration, tenants: 3_000, routes: 8));

        Assert.Equal(24_000, exported["http.server.request.duration"].Series);
        Assert.False(exported["http.server.request.duration"].Overflows);
        Assert.Empty(_log.Written);
    }

    [Fact]
    public void What_distinguishes_no_tenant_makes_no_series()
    {
        var duration = _meter.CreateHistogram<double>("http.server.request.duration", "s");

        var exported = Export(10, () =>
        {
            duration.Record(1, new("tenant.id", "a"), new("network.protocol.version", "1.1"), new("url.scheme", "http"));
            duration.Record(1, new("tenant.id", "a"), new("network.protocol.version", "2"), new("url.scheme", "https"));
        });

        Assert.Equal(1, exported["http.server.request.duration"].Series);
    }

    [Fact]
    public void What_would_cost_every_request_a_measurement_is_left_out_and_what_is_counted_anyway_takes_its_place()
    {
        using var ours = new Meter($"ValidonX.{_meter.Name}");
        ours.CreateObservableUpDownCounter("http.server.active_requests", () => 3);

        var exported = Export(10, () => _meter.CreateUpDownCounter<long>("http.server.active_requests").Add(1, new KeyValuePair<string, object?>("http.request.method", "GET")));
        Assert.Empty(exported);

        exported = Export(10, () => { }, ours.Name);
        Assert.Equal(1, exported["http.server.active_requests"].Series);
    }

    [Fact]
    public void More_series_than_there_is_room_for_are_logged_and_measured_once_for_each_metric()
    {
        var duration = _meter.CreateHistogram<double>("http.server.request.duration", "s");
        var other = _meter.CreateCounter<long>("other");

        Export(tenants: 200, () =>
        {
            Record(duration, tenants: 600, routes: 8);
            other.Add(1, new KeyValuePair<string, object?>("tenant.id", "a"));
        });

        var line = Assert.Single(_log.Written);
        Assert.Contains("http.server.request.duration", line, StringComparison.Ordinal);
        Assert.Contains("Telemetry:Tenants", line, StringComparison.Ordinal);
        Assert.Equal(["http.server.request.duration"], Overflowing());
    }

    private List<string?> Overflowing()
    {
        var names = new List<string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == SeriesWatch.GaugeName && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>()) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            Assert.Equal(1, value);
            names.Add(tags[0].Value as string);
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return names;
    }

    private static void Record(Histogram<double> duration, int tenants, int routes)
    {
        for (var tenant = 0; tenant < tenants; tenant++)
        {
            for (var route = 0; route < routes; route++)
            {
                duration.Record(
                    0.01,
                    new("tenant.id", $"tenant {tenant}"), new("tenant.slug", $"t-{tenant}"), new("tenant.plan", "pro"), new("http.route", $"/route/{route}"));
            }
        }
    }

    private Dictionary<string, (int Series, bool Overflows)> Export(int tenants, Action record, string? meter = null)
    {
        var exporter = new Looking(_watch);
        using var provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter ?? _meter.Name)
            .AddView(instrument => MetricViews.Of(instrument, tenants))
            .AddReader(new PeriodicExportingMetricReader(exporter, Timeout.Infinite))
            .Build();
        record();
        provider.ForceFlush();
        provider.ForceFlush();
        return exporter.Seen;
    }

    private sealed class Looking(SeriesWatch watch) : BaseExporter<Metric>
    {
        public Dictionary<string, (int Series, bool Overflows)> Seen { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                watch.Look(metric);
                var (series, overflows) = (0, false);
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    series++;
                    foreach (var tag in point.Tags) overflows |= tag.Key == "otel.metric.overflow";
                }

                Seen[metric.Name] = (series, overflows);
            }

            return ExportResult.Success;
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
