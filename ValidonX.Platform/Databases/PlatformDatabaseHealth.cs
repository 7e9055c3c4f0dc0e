using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.Platform.Databases;

/// <summary>Ready when the platform database answers and its schema is there.</summary>
public sealed class PlatformDatabaseHealth(PlatformDatabase platform) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "platform-database";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await platform.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1 FROM plans LIMIT 1";
            return await command.ExecuteScalarAsync(cancellationToken) is not null
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, "The platform database has no plans yet.");
        }
        catch (DbException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The platform database does not answer.");
        }
    }
}
