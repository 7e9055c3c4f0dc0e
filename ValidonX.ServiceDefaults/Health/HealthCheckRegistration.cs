using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ValidonX.ServiceDefaults.Health;

internal static class HealthCheckRegistration
{
    /// <summary>Adds the looks at everything for which a health check is registered.</summary>
    public static void AddHealthMonitor(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddOptions<HealthOptions>()
            .BindConfiguration(HealthOptions.Section)
            .Validate(
                options => options.Interval > TimeSpan.Zero && options.Timeout > TimeSpan.Zero,
                $"{HealthOptions.Section}:Interval and Timeout must be above zero.")
            .ValidateOnStart();
        builder.Services.AddOptions<HealthCheckServiceOptions>().PostConfigure<IOptions<HealthOptions>>((checks, health) =>
        {
            foreach (var check in checks.Registrations)
            {
                check.Timeout = health.Value.Timeout;
            }
        });
        // It writes a line for each look at what is away; the monitor writes one when that changes.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
        builder.Services.AddSingleton<HealthMonitor>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<HealthMonitor>());
    }

    /// <summary>Maps both paths; all they need is in memory.</summary>
    /// <param name="app">The service.</param>
    /// <param name="write">Writes status and JSON.</param>
    /// <param name="isPublic">Whether strangers reach the service, who learn no more than whether it is ready; in development nobody is one.</param>
    public static void MapHealth(this WebApplication app, Func<HttpContext, int, ReadOnlyMemory<byte>, Task> write, bool isPublic)
    {
        var monitor = app.Services.GetRequiredService<HealthMonitor>();
        var isDevelopment = app.Environment.IsDevelopment();
        var detailsPort = app.Services.GetRequiredService<IOptions<HealthOptions>>().Value.DetailsPort;
        app.MapMethods(HealthPaths.Ready, [HttpMethods.Get, HttpMethods.Head], context =>
        {
            var latest = monitor.Latest;
            var isDetailed = !isPublic || isDevelopment || context.Connection.LocalPort == detailsPort;
            return AnswerAsync(context, latest.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, isDetailed ? latest.Details : latest.Brief);
        }).ExcludeFromDescription().DisableHttpMetrics();
        app.MapMethods(HealthPaths.Alive, [HttpMethods.Get, HttpMethods.Head], context => AnswerAsync(context, StatusCodes.Status200OK, HealthAnswer.Alive))
            .ExcludeFromDescription()
            .DisableHttpMetrics();

        Task AnswerAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
        {
            context.Response.Headers.CacheControl = "no-store";
            return write(context, status, json);
        }
    }
}
