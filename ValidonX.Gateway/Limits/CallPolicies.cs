using Microsoft.Extensions.Options;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Routes;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>
/// Which quotas limit the calls of a key (CONTRACT §4). For each the most particular setting counts: the key's own, the tenant's by an
/// operator, the deployment's, the plan's.
/// </summary>
internal sealed class CallPolicies(LeaseEngine engine, IOptions<CallLimitOptions> options)
{
    private const string WholeTenant = "calls";

    private readonly CallLimitOptions _defaults = options.Value;

    /// <summary>The layers of a call, in the order in which they refuse.</summary>
    public RateLimitLayers LayersOf(ApiKeyRecord key, LimitedEndpoint endpoint)
    {
        var scope = $"tenant:{key.Tenant.Id:D}";
        return new RateLimitLayers(OfKey(key, scope), OfTenant(key, scope), OfEndpoint(key, scope, endpoint));
    }

    private LeasedPartition? OfKey(ApiKeyRecord key, string scope)
    {
        var limits = key.Limits;
        return (limits.KeyRequests ?? _defaults.KeyRequests ?? limits.PlanKeyRequests) is { } quota
            ? engine.GetPartition(
                scope,
                new RateLimitPolicy(PolicyNames.Key, quota, QuotaWindow.OfSeconds(limits.KeyPeriodSeconds ?? _defaults.KeyPeriodSeconds)),
                key.KeyId.ToString())
            : null;
    }

    private LeasedPartition? OfTenant(ApiKeyRecord key, string scope) =>
        (key.Limits.TenantRequests ?? key.Limits.PlanTenantRequests) is { } quota
            ? engine.GetPartition(scope, new RateLimitPolicy(PolicyNames.Tenant, quota, QuotaWindow.Month), WholeTenant)
            : null;

    private LeasedPartition? OfEndpoint(ApiKeyRecord key, string scope, LimitedEndpoint endpoint)
    {
        var quota = endpoint switch
        {
            LimitedEndpoint.Activations => key.Limits.Activations ?? _defaults.Activations,
            LimitedEndpoint.Usage => key.Limits.Usage ?? _defaults.Usage,
            LimitedEndpoint.Entitlements => key.Limits.Entitlements ?? _defaults.Entitlements,
            LimitedEndpoint.Heartbeats => _defaults.Heartbeats,
            _ => (long?)null,
        };
        return quota is null
            ? null
            : engine.GetPartition(
                scope,
                new RateLimitPolicy(PolicyNames.Endpoint, quota.Value, QuotaWindow.OfSeconds(_defaults.EndpointPeriodSeconds)),
                $"{key.KeyId:D}-{Name(endpoint)}");
    }

    private static string Name(LimitedEndpoint endpoint) =>
        endpoint switch
        {
            LimitedEndpoint.Activations => "activations",
            LimitedEndpoint.Usage => "usage",
            LimitedEndpoint.Heartbeats => "heartbeats",
            _ => "entitlements",
        };
}
