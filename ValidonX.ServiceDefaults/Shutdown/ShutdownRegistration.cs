using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ValidonX.ServiceDefaults.Shutdown;

internal static class ShutdownRegistration
{
    private static readonly TimeSpan DefaultDrainTime = TimeSpan.FromSeconds(5);

    /// <summary>The health check <c>drain</c> and what it takes to stop without losing a request.</summary>
    public static void AddGracefulShutdown(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<ShutdownOptions>()
            .Configure(options => options.DrainTime = builder.Environment.IsDevelopment() ? TimeSpan.Zero : DefaultDrainTime)
            .BindConfiguration(ShutdownOptions.Section)
            .Validate(
                options => options.DrainTime >= TimeSpan.Zero && options.FinishTime >= TimeSpan.Zero,
                $"{ShutdownOptions.Section}:DrainTime and FinishTime must not be negative.")
            .ValidateOnStart();
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = shutdown.Value.DrainTime + shutdown.Value.FinishTime);
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        builder.Services.AddHealthChecks().AddCheck<Drain>("drain");
        builder.Services.AddTransient<IStartupFilter, ClosingConnections>();
    }

    /// <summary>A client that keeps its connection would otherwise send its next request into the very moment at which the server closes it.</summary>
    private sealed class ClosingConnections(Drain drain) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Use(inner => context =>
                {
                    if (drain.IsUnderWay && !HttpProtocol.IsHttp2(context.Request.Protocol) && !HttpProtocol.IsHttp3(context.Request.Protocol))
                    {
                        context.Response.Headers.Connection = "close";
                    }

                    return inner(context);
                });
                next(app);
            };
    }
}
