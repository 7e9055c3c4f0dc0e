using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ValidonX.ServiceDefaults.Health;
using ValidonX.ServiceDefaults.Logging;
using ValidonX.ServiceDefaults.Resilience;
using ValidonX.ServiceDefaults.ServiceDiscovery;
using ValidonX.ServiceDefaults.Shutdown;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.ServiceDefaults;

/// <summary>What every service of the platform is as a process: observable, checkable, discoverable, patient with its neighbours.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Telemetry over OTLP (when an endpoint is configured), health checks, a graceful end, service discovery, resilient HTTP clients.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddLoggingDefaults();
        builder.AddTelemetry();
        builder.AddDefaultHealthChecks();
        builder.AddGracefulShutdown();
        // In this order: the outer handler tries again, the inner one then chooses another replica.
        builder.AddResilientHttpClients();
        builder.AddServiceDiscovery();
        return builder;
    }

    /// <summary>
    /// <c>GET /health</c>: ready to serve (every check; 503 when one is unhealthy, 200 when all are healthy or degraded).
    /// <c>GET /alive</c>: the process runs (checks tagged <c>live</c>).
    /// </summary>
    /// <param name="app">The service.</param>
    /// <param name="writer">How to write a report; by default a small JSON object with each check's state.</param>
    public static WebApplication MapDefaultEndpoints(this WebApplication app, Func<HttpContext, HealthReport, Task>? writer = null)
    {
        writer ??= HealthAnswer.WriteAsync;
        app.MapHealthChecks(HealthPaths.Ready, new HealthCheckOptions { ResponseWriter = writer }).ExcludeFromDescription();
        app.MapHealthChecks(HealthPaths.Alive, new HealthCheckOptions { ResponseWriter = writer, Predicate = check => check.Tags.Contains(HealthPaths.LiveTag) })
            .ExcludeFromDescription();
        return app;
    }
}
