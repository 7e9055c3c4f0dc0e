using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace ValidonX.ServiceDefaults.Logging;

internal static class LoggingDefaults
{
    private static readonly Dictionary<string, string?> Levels = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Default"] = "Information",
        // A line for each request and probe tells nothing that the metrics do not, and costs more than serving it.
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        // Merely being enabled makes it begin a span and a log scope for every request, also where nobody listens to either.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
        // It tells each step of each connection, and a clean end with a stack trace. What Redis' absence means is told by those who miss it.
        ["Logging:LogLevel:StackExchange.Redis"] = "Warning",
        ["Logging:LogLevel:Yarp"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
    };

    /// <summary>The levels that hold unless configuration says otherwise: first in line, so that every other source overrides them.</summary>
    public static void AddLoggingDefaults(this IHostApplicationBuilder builder) =>
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Levels });
}
