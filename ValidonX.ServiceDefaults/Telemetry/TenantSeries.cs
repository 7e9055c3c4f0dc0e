using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Counts the tenants that this process has put on its metrics (<c>validonx.telemetry.tenants</c>), so that an operator sees the series
/// limit coming before measurements overflow into one series.
/// </summary>
internal sealed class TenantSeries : IDisposable
{
    // Beyond this the gauge has said what it has to say, and the set itself must not grow for ever.
    private const int Maximum = 1_000_000;

    private readonly ConcurrentDictionary<string, bool> _tenants = new(StringComparer.Ordinal);
    private readonly Meter _meter = new("ValidonX.Telemetry");

    public TenantSeries() =>
        _meter.CreateObservableGauge("validonx.telemetry.tenants", () => _tenants.Count, "{tenant}", "Tenants seen on this process's metrics.");

    /// <summary>Notes a tenant.</summary>
    public void Saw(string tenantId)
    {
        if (!_tenants.ContainsKey(tenantId) && _tenants.Count < Maximum)
        {
            _tenants.TryAdd(tenantId, true);
        }
    }

    public void Dispose() => _meter.Dispose();
}
