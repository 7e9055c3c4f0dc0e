using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ValidonX.ServiceDefaults.Health;

internal static class HealthCheckRegistration
{
    /// <summary>The check <c>self</c>: a process that can answer is alive.</summary>
    public static void AddDefaultHealthChecks(this IHostApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthPaths.LiveTag]);
}
