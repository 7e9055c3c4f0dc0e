using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
        builder.AddHealthMonitor();
        builder.AddGracefulShutdown();
        // In this order: the outer handler tries again, the inner one then chooses another replica.
        builder.AddResilientHttpClients();
        builder.AddServiceDiscovery();
        return builder;
    }

    /// <summary>
    /// <c>GET /health</c>: ready to serve (503 when something is unhealthy, 200 when all is healthy or degraded), as of the last look at everything, which
    /// was made in the background. <c>GET /alive</c>: the process runs.
    /// </summary>
    /// <param name="app">The service.</param>
    /// <param name="write">How to write a status and its JSON; by default as it is.</param>
    /// <param name="isPublic">
    /// Whether strangers reach the service. Then it tells what is wrong on <c>Health:DetailsPort</c> only (in development everywhere), elsewhere whether it is ready.
    /// </param>
    public static WebApplication MapDefaultEndpoints(
        this WebApplication app,
        Func<HttpContext, int, ReadOnlyMemory<byte>, Task>? write = null,
        bool isPublic = false)
    {
        app.MapHealth(write ?? WriteAsync, isPublic);
        return app;
    }

    private static Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = json.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}
