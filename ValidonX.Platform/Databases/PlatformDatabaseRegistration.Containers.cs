using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MySqlConnector;

namespace ValidonX.Platform.Databases;

/// <summary>The pool of the platform database, made by Aspire.MySqlConnector, under the rules that hold in every profile.</summary>
internal static class PlatformDatabaseRegistration
{
    /// <param name="builder">The service's builder.</param>
    /// <param name="connectionName">The name of the connection string. One that is missing or wrong ends the start elsewhere, with a sentence.</param>
    public static void AddPlatformDatabase(this IHostApplicationBuilder builder, string connectionName)
    {
        builder.AddMySqlDataSource(connectionName, settings =>
        {
            // Spans, metrics and the health check are the platform's own, with the tenant in them.
            (settings.DisableHealthChecks, settings.DisableTracing, settings.DisableMetrics) = (true, true, true);
            try
            {
                settings.ConnectionString = ConnectionSettings.Complete(ConnectionSettings.Parse(settings.ConnectionString ?? "")).ConnectionString;
            }
            catch (FormatException)
            {
                // Told by the check of the configuration.
            }
        });
        builder.Services.AddSingleton(provider => new PlatformDatabase(provider.GetRequiredService<MySqlDataSource>()));
    }
}
