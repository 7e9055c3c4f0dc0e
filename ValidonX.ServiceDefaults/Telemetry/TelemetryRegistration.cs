using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ValidonX.ServiceDefaults.Health;

namespace ValidonX.ServiceDefaults.Telemetry;

internal static class TelemetryRegistration
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Traces, metrics and logs of the framework's own sources and of ours (<c>ValidonX.*</c>) over OTLP. Without an endpoint nothing is
    /// listened to, so that telemetry which nobody receives costs nothing.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TenantSeries>();
        builder.Services.AddTransient<IStartupFilter, HealthRequestsUntraced>();

        if (string.IsNullOrWhiteSpace(builder.Configuration[EndpointVariable]))
        {
            return;
        }

        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();
        var name = builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName;

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
            logging.SetResourceBuilder(Resource(name));
            logging.AddProcessor(new TenantLogAttributes());
            logging.AddOtlpExporter();
        });

        // Made by the container and kept until shutdown, which flushes them; TelemetryLifetime brings them to life at start.
        builder.Services.AddSingleton(_ => OpenTelemetry.Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(Resource(name))
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "ValidonX.*")
            .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = options.MaximumSeriesPerMetric })
            .AddOtlpExporter()
            .Build());
        builder.Services.AddSingleton(_ => OpenTelemetry.Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Resource(name))
            .AddSource("Microsoft.AspNetCore", "System.Net.Http", "ValidonX.*")
            .AddOtlpExporter()
            .Build());
        builder.Services.AddHostedService<TelemetryLifetime>();
    }

    private static ResourceBuilder Resource(string name) =>
        ResourceBuilder.CreateDefault().AddService(name).AddEnvironmentVariableDetector();

    private sealed class TelemetryLifetime(MeterProvider meters, TracerProvider tracers, TenantSeries series) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = series;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            meters.ForceFlush(2000);
            tracers.ForceFlush(2000);
            return Task.CompletedTask;
        }
    }

    /// <summary>Keeps the probes, which come every few seconds, out of the traces.</summary>
    private sealed class HealthRequestsUntraced : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Use(inner => context =>
                {
                    if (Activity.Current is { } activity && (context.Request.Path == HealthPaths.Ready || context.Request.Path == HealthPaths.Alive))
                    {
                        activity.IsAllDataRequested = false;
                        activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                    }

                    return inner(context);
                });
                next(app);
            };
    }
}
