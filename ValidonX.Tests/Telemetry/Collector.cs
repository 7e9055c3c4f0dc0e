using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ValidonX.Tests.Telemetry;

/// <summary>
/// An OTLP collector (HTTP with protobuf) of the tests' own, which keeps everything that it is sent as it was sent. Of metrics that is each process's last export, which tells all that those before it did;
/// <c>/metrics</c> gives them to Prometheus.
/// </summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly ConcurrentQueue<CollectedLog> _logs = new();
    private readonly ConcurrentDictionary<string, MetricExport> _metrics = new(StringComparer.Ordinal);

    private Collector(WebApplication app)
    {
        _app = app;
        app.MapGet(PrometheusText.Path, () => Results.Text(PrometheusText.Of(_metrics.Values)));
        app.MapPost("/v1/{signal}", ReceiveAsync);
    }

    /// <summary>Its address, for <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What makes a service send everything here, soon.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
    };

    /// <summary>Every message.</summary>
    public IReadOnlyCollection<byte[]> Bodies => [.. _bodies, .. _metrics.Values.Select(export => export.Body)];

    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    public IReadOnlyCollection<CollectedLog> Logs => _logs;

    /// <summary>Every series of every process, as it is now.</summary>
    public IReadOnlyCollection<CollectedSeries> Metrics => [.. _metrics.Values.SelectMany(export => export.Series)];

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = null;
            server.Listen(IPAddress.Loopback, 0);
        });
        var collector = new Collector(builder.Build());
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>The span that fits, once it has arrived.</summary>
    public async Task<CollectedSpan> SpanAsync(Func<CollectedSpan, bool> fits, string what)
    {
        CollectedSpan? found = null;
        await Until.TrueAsync(() => Task.FromResult((found = Spans.FirstOrDefault(fits)) is not null), what);
        return found!;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        if (context.Request.Headers.ContentEncoding == "gzip")
        {
            await using var unpacked = new GZipStream(context.Request.Body, CompressionMode.Decompress);
            await unpacked.CopyToAsync(body);
        }
        else
        {
            await context.Request.Body.CopyToAsync(body);
        }

        var message = body.ToArray();
        switch (context.Request.Path.Value)
        {
            case "/v1/traces":
                _bodies.Enqueue(message);
                Keep(_spans, OtlpReader.Spans(message));
                break;
            case "/v1/logs":
                _bodies.Enqueue(message);
                Keep(_logs, OtlpReader.Logs(message));
                break;
            case "/v1/metrics":
                _metrics[OtlpReader.Process(message)] = new MetricExport(message);
                break;
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private static void Keep<T>(ConcurrentQueue<T> kept, IEnumerable<T> arrived)
    {
        foreach (var item in arrived) kept.Enqueue(item);
    }
}
