using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ValidonX.Gateway.Customers;
using ValidonX.Gateway.Telemetry;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.Gateway.Resolution;

/// <summary>Registers the resolution of callers.</summary>
internal static class ResolutionRegistration
{
    /// <summary>Adds what <see cref="UseResolution"/> needs.</summary>
    public static void AddResolution(this IHostApplicationBuilder builder)
    {
        builder.AddPlatformCoherence();
        // Callers in the cache are served without the platform database, so its absence takes no replica out of service.
        builder.Services.Configure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations.Where(check => check.Name == PlatformDatabaseHealth.Name))
            {
                check.FailureStatus = HealthStatus.Degraded;
            }
        });
        builder.Services.AddOptions<ResolutionOptions>().BindConfiguration("Gateway:Resolution").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ResolutionOptions>, ResolutionOptionsValidator>();
        builder.Services.AddSingleton<ResolutionMetrics>();
        builder.Services.AddSingleton<LookupLanes>();
        builder.Services.AddSingleton<ApiKeyDirectory>();
        builder.Services.AddSingleton<ApiKeyResolver>();
        builder.Services.AddSingleton<AccountDirectory>();
        builder.Services.AddSingleton<HostTenants>();
        builder.Services.AddSingleton<CallerRecords>();
        builder.Services.AddSingleton<BearerResolver>();
        builder.Services.AddSingleton<CustomerStage>();
        builder.Services.AddSingleton<LastUsed>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<LastUsed>());
    }

    /// <summary>The step that finds out who calls.</summary>
    public static IApplicationBuilder UseResolution(this IApplicationBuilder app) => app.UseMiddleware<CallerResolution>();
}
