using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ValidonX.Gateway.Admission;

/// <summary>
/// The gate of each tenant, the same one for all its keys and users and across reloads of their records. Gates exist only for tenants that
/// were really found and are a few dozen bytes, so they are kept.
/// </summary>
internal sealed class TenantGates
{
    private readonly ConcurrentDictionary<Guid, TenantGate> _gates = new();
    private readonly TenantGate _whole;
    private readonly int _tenantMaximum;

    public TenantGates(IOptions<AdmissionOptions> options)
    {
        _tenantMaximum = options.Value.TenantMaximum;
        _whole = new TenantGate(options.Value.MaximumRequests);
        Nobody = new TenantGate(_tenantMaximum, _whole);
    }

    /// <summary>The gate of requests without a tenant, together.</summary>
    public TenantGate Nobody { get; }

    /// <summary>Requests under way in this process.</summary>
    public int UnderWay => _whole.UnderWay;

    /// <summary>A tenant's gate.</summary>
    public TenantGate Of(Guid tenantId) =>
        _gates.TryGetValue(tenantId, out var gate) ? gate : _gates.GetOrAdd(tenantId, _ => new TenantGate(_tenantMaximum, _whole));
}
