using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace ValidonX.Gateway.Admission;

/// <summary>
/// The gate of each tenant, the same one for all its keys and users and across reloads of their records, and the gates of those without a tenant. Gates
/// exist only for tenants that were really found and are a few dozen bytes, so they are kept.
/// </summary>
internal sealed class TenantGates
{
    private readonly ConcurrentDictionary<Guid, TenantGate> _gates = new();
    private readonly TenantGate _whole;
    private readonly int _tenantMaximum;
    private readonly ConcurrentDictionary<Guid, TenantGate> _watchers = new();
    private readonly TenantGate _watches;
    private readonly int _watcherMaximum;

    public TenantGates(IOptions<AdmissionOptions> options, IMeterFactory meters)
    {
        _tenantMaximum = options.Value.TenantMaximum;
        _whole = new TenantGate(options.Value.MaximumRequests);
        Anonymous = new TenantGate(options.Value.AnonymousRequests, _whole);
        Accounts = new TenantGate(options.Value.AnonymousRequests, _whole);
        Operators = new TenantGate(options.Value.OperatorRequests);
        _watches = new TenantGate(options.Value.MaximumWatches);
        _watcherMaximum = options.Value.WatchesPerUser;
        // In place of the framework's instrument of this name, which costs every request two measurements; the gates count anyway.
        meters.Create("ValidonX.Admission").CreateObservableUpDownCounter("http.server.active_requests", () => UnderWay, "{request}", "Requests that this gateway is carrying.");
    }

    /// <summary>Callers without a credential, together.</summary>
    public TenantGate Anonymous { get; }

    /// <summary>Users whose call is about no tenant, together.</summary>
    public TenantGate Accounts { get; }

    /// <summary>Operators, who have places that nobody else can take.</summary>
    public TenantGate Operators { get; }

    /// <summary>Requests under way in this process.</summary>
    public int UnderWay => _whole.UnderWay + Operators.UnderWay + _watches.UnderWay;

    /// <summary>The gate of the streams that a user or operator watches.</summary>
    public TenantGate WatchesOf(Guid userId) =>
        _watchers.TryGetValue(userId, out var gate) ? gate : _watchers.GetOrAdd(userId, _ => new TenantGate(_watcherMaximum, _watches));

    /// <summary>A tenant's gate.</summary>
    public TenantGate Of(Guid tenantId) =>
        _gates.TryGetValue(tenantId, out var gate) ? gate : _gates.GetOrAdd(tenantId, _ => new TenantGate(_tenantMaximum, _whole));
}
