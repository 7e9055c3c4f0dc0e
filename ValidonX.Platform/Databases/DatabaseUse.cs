using System.Diagnostics;
using ValidonX.Platform.Rollups;

namespace ValidonX.Platform.Databases;

/// <summary>Tells the tenant's roll-up for how long it has had a connection to its database; nobody where nobody counts.</summary>
internal readonly struct DatabaseUse : IDisposable
{
    private readonly Tallies? _tallies;
    private readonly Guid _tenantId;
    private readonly long _started;

    private DatabaseUse(Tallies? tallies, Guid tenantId) => (_tallies, _tenantId, _started) = (tallies, tenantId, Stopwatch.GetTimestamp());

    public static DatabaseUse Begin(Tallies? tallies, TenantPlacement placement) => new(tallies, placement.TenantId);

    /// <inheritdoc/>
    public void Dispose() => _tallies?.Database(_tenantId, Stopwatch.GetElapsedTime(_started));
}
