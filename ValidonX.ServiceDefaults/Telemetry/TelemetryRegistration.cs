using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Exporter;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ValidonX.ServiceDefaults.Health;

namespace ValidonX.ServiceDefaults.Telemetry;

internal static class TelemetryRegistration
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OurSources = "ValidonX.*";
    private const string DatabaseClient = "MySqlConnector";
    private const string RequestIdHeader = "X-Request-ID";

    /// <summary>
    /// Traces, metrics and logs of the framework's own sources, of the clients' and of ours (<c>ValidonX.*</c>) over OTLP. Without an
    /// endpoint nothing is listened to, so that telemetry which nobody receives costs nothing.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration[EndpointVariable]))
        {
            return;
        }

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<TelemetryOptions>>().Value);
        services.AddSingleton<DatabaseTime>();
        services.AddSingleton<SeriesWatch>();

        // The names of the current conventions; the client reads this once, at its first use.
        if (Environment.GetEnvironmentVariable("OTEL_SEMCONV_STABILITY_OPT_IN") is null)
        {
            Environment.SetEnvironmentVariable("OTEL_SEMCONV_STABILITY_OPT_IN", "database");
        }

        // No baggage: what a caller sends there would travel with every request inside.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());

        var configuration = builder.Configuration;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName))
            .WithLogging(
                logging => logging.AddProcessor(new LogAttributes()).AddOtlpExporter(),
                options => options.IncludeFormattedMessage = true)
            .WithTracing(tracing => tracing
                .AddSource(OurSources, DatabaseClient)
                .AddAspNetCoreInstrumentation(OfRequests)
                .AddHttpClientInstrumentation()
                .SetSampler(provider => new TraceSampler(provider.GetRequiredService<TelemetryOptions>(), provider.GetRequiredService<TimeProvider>()))
                .AddProcessor(provider => new LocalTraces(
                    new OtlpTraceExporter(OtlpOptions(provider)),
                    provider.GetRequiredService<TelemetryOptions>(),
                    provider.GetRequiredService<DatabaseTime>(),
                    configuration.GetValue("OTEL_BSP_SCHEDULE_DELAY", LocalTraces.DefaultDelayMilliseconds))))
            .WithMetrics(metrics => metrics
                .AddMeter(OurSources, DatabaseClient)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddReader(provider => new PeriodicExportingMetricReader(
                    ActivatorUtilities.CreateInstance<MetricExporter>(provider, OtlpOptions(provider)),
                    configuration.GetValue("OTEL_METRIC_EXPORT_INTERVAL", 60_000))
                {
                    TemporalityPreference = Temporality(configuration),
                }));
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var tenants = provider.GetRequiredService<TelemetryOptions>().Tenants;
            metrics.AddView(instrument => MetricViews.Of(instrument, tenants));
        });
        services.AddHostedService<TelemetryShutdown>();
    }

    private static void OfRequests(AspNetCoreTraceInstrumentationOptions options)
    {
        options.Filter = static context => context.Request.Path != HealthPaths.Ready && context.Request.Path != HealthPaths.Alive;
        options.EnrichWithHttpResponse = static (activity, response) =>
        {
            if (response.Headers[RequestIdHeader] is [{ } id])
            {
                // Redacted when the span is kept; looking through it here would cost every request.
                activity.SetTag(SpanRedaction.RequestId, id);
            }
        };
    }

    private static OtlpExporterOptions OtlpOptions(IServiceProvider provider) =>
        provider.GetRequiredService<IOptionsMonitor<OtlpExporterOptions>>().CurrentValue;

    private static MetricReaderTemporalityPreference Temporality(IConfiguration configuration) =>
        string.Equals(configuration["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"], "delta", StringComparison.OrdinalIgnoreCase)
            ? MetricReaderTemporalityPreference.Delta
            : MetricReaderTemporalityPreference.Cumulative;
}
