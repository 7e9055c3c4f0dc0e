using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ValidonX.AppHost.Running;

/// <summary>Keeps the console for what a person should read: nothing scrolls the end of the start away.</summary>
internal static class QuietConsole
{
    public static IDistributedApplicationBuilder AddQuietConsole(this IDistributedApplicationBuilder builder)
    {
        builder.Services.AddLogging(logging => logging
            // A line for each call that the dashboard makes of the host.
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddFilter("Aspire.Hosting.Dcp", LogLevel.Warning)
            // What keeps the host from starting is said by RunStackAsync, without a stack trace; being ended while it starts is no failure.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            // It warns of a missing development certificate, which plain HTTP does not need.
            .AddFilter("Aspire.Hosting.Dcp.DcpHost", LogLevel.Error));
        return builder;
    }
}
