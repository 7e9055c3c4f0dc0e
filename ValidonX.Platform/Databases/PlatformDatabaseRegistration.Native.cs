using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.Platform.Databases;

/// <summary>The pool of the platform database, made by hand where the feed has no Aspire.MySqlConnector.</summary>
internal static class PlatformDatabaseRegistration
{
    /// <param name="builder">The service's builder.</param>
    /// <param name="connectionName">The name of the connection string.</param>
    public static void AddPlatformDatabase(this IHostApplicationBuilder builder, string connectionName) =>
        builder.Services.AddSingleton(_ => new PlatformDatabase(ConnectionSettings.Parse(builder.Configuration.GetConnectionString(connectionName)!)));
}
