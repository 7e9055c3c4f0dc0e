using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>Spans of commands to Redis.</summary>
public static class RedisTracing
{
    // Spans are made after the fact; this much later at most.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A span for each command that a request or job waits for, on the process's one <c>IConnectionMultiplexer</c>; none for what runs by
    /// itself. Names of commands only: keys and values stay here.
    /// </summary>
    public static void AddRedisTracing(this IHostApplicationBuilder builder) =>
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddRedisInstrumentation(options =>
        {
            options.FlushInterval = Delay;
            options.EnrichActivityWithTimingEvents = false;
            options.Filter = command => LocalTraces.RootOf(command.ParentActivity) is { IsAllDataRequested: true };
            options.Enrich = (span, command) => span.SetCustomProperty(LocalTraces.CauseProperty, command.ParentActivity);
        }));
}
