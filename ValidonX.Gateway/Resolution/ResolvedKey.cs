using System.Net;
using ValidonX.Gateway.Admission;
using ValidonX.Gateway.Limits;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Routes;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Resolution;

/// <summary>An API key, found: everything that a warm request needs, computed once.</summary>
internal sealed class ResolvedKey
{
    private readonly ApiError? _refusal;
    private readonly IPNetwork[] _networks;
    private readonly RateLimitLayers[] _layers;

    public ResolvedKey(ApiKeyRecord record, CallPolicies policies, CallerContextSigner signer, TenantGates gates, TimeProvider time)
    {
        Record = record;
        TenantIdText = record.Tenant.Id.ToString();
        Gate = gates.Of(record.Tenant.Id);
        Contexts = new SignedContexts(
            new CallerContext
            {
                Kind = CallerKind.ApiKey,
                CallerId = record.KeyId,
                TenantId = record.Tenant.Id,
                TenantSlug = record.Tenant.Slug,
                TenantPlan = record.Tenant.Plan,
                ServerName = record.Tenant.ServerName,
                DatabaseName = record.Tenant.DatabaseName,
                ExpiresAt = 0,
            },
            signer,
            time);
        _refusal = record.IsRevoked ? ApiErrors.InvalidApiKey : record.Tenant.Refusal();
        _networks = [.. record.AllowedAddresses.Select(AllowedNetwork.Parse)];
        _layers = [.. Enum.GetValues<LimitedEndpoint>().Select(endpoint => policies.LayersOf(record, endpoint))];
    }

    /// <summary>The key's row.</summary>
    public ApiKeyRecord Record { get; }

    /// <summary>The tenant's id, for telemetry.</summary>
    public string TenantIdText { get; }

    /// <summary>The tenant's share of the gateway.</summary>
    public TenantGate Gate { get; }

    /// <summary>What limits a call of an endpoint.</summary>
    public RateLimitLayers LayersOf(LimitedEndpoint endpoint) => _layers[(int)endpoint];

    /// <summary>What the licensing API is told.</summary>
    public SignedContexts Contexts { get; }

    /// <summary>Whether <c>last_used_at</c> is about to be written.</summary>
    public UseMark Use { get; } = new();

    /// <summary>Why the key may not be used for this, or <see langword="null"/> when it may.</summary>
    public ApiError? Refusal(ApiKeyScope scope, HttpContext context, TimeProvider time)
    {
        if (Record.ExpiresAt is { } end && time.GetUtcNow() >= end)
        {
            return ApiErrors.InvalidApiKey;
        }

        if (_refusal is not null)
        {
            return _refusal;
        }

        if (_networks.Length > 0 && !AllowedNetwork.Contains(_networks, Headers.ClientAddress.Of(context)))
        {
            return ApiErrors.Forbidden with { Message = "The API key may not be used from this address." };
        }

        return (Record.Scopes & scope) == scope ? null : ApiErrors.ScopeInsufficient;
    }
}
