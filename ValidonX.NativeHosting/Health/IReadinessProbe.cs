using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Tells whether a process does what it is for.</summary>
internal interface IReadinessProbe
{
    /// <summary>The name under which the outcome is reported.</summary>
    string Name { get; }

    /// <summary>Asks once; what goes wrong is an outcome and not an exception.</summary>
    Task<HealthCheckResult> CheckAsync(CancellationToken cancellationToken);
}
