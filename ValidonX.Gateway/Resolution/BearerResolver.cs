using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ValidonX.Coherence;
using ValidonX.Gateway.Headers;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Routes;

namespace ValidonX.Gateway.Resolution;

/// <summary>From a bearer token to the operator or the user, and to the one tenant that a user's call is about (CONTRACT §2).</summary>
internal sealed class BearerResolver
{
    private const string Scheme = "Bearer ";

    private readonly CoherentCache<Guid, TokenRecord> _tokens;
    private readonly CoherentCache<Guid, Memberships> _memberships;
    private readonly CoherentCache<Guid, TenantRecord> _tenants;
    private readonly AccountDirectory _directory;
    private readonly HostTenants _hosts;
    private readonly LookupLanes _lanes;
    private readonly CountedAudit _audit;
    private readonly TimeProvider _time;

    public BearerResolver(
        CoherentCaches caches,
        AccountDirectory directory,
        HostTenants hosts,
        LookupLanes lanes,
        CountedAudit audit,
        TimeProvider time,
        IOptions<ResolutionOptions> options)
    {
        (_directory, _hosts, _lanes, _audit, _time) = (directory, hosts, lanes, audit, time);
        _tokens = caches.Create<Guid, TokenRecord>(Bounded<TokenRecord>(CacheKeys.TokenType, options.Value));
        _memberships = caches.Create<Guid, Memberships>(Bounded<Memberships>(CacheKeys.MembershipsType, options.Value));
        _tenants = caches.Create<Guid, TenantRecord>(Bounded<TenantRecord>(CacheKeys.TenantType, options.Value));
    }

    /// <summary>Finds the caller.</summary>
    /// <exception cref="ApiException">401, 403, 404 or 422 as CONTRACT §2 says.</exception>
    public async ValueTask<BearerCaller> ResolveAsync(HttpContext context, ApiRoute route, CancellationToken cancellationToken)
    {
        var token = await AuthenticateAsync(context, cancellationToken);
        if (token.Ability != (route.Kind == RouteKind.Operator ? Abilities.Admin : Abilities.Tenant))
        {
            _audit.Note(RefusedCall(context, token, route), ApiErrors.InvalidScope.Code, ClientNetwork.Of(ClientAddress.Of(context)));
            throw new ApiException(ApiErrors.InvalidScope);
        }

        if (route.Kind == RouteKind.Operator)
        {
            return new BearerCaller(token, Tenant: null, Role: null);
        }

        var memberships = await _memberships.GetAsync(
            CacheKey.OfPlatform(token.OwnerId),
            (key, inner) => _directory.FindMembershipsAsync(key.Id, inner),
            cancellationToken);
        var roles = memberships!.Roles;
        if (await ChooseAsync(context, token, route, roles, cancellationToken) is not { } tenantId)
        {
            return new BearerCaller(token, Tenant: null, Role: null);
        }

        var tenant = await _tenants.GetAsync(
            CacheKey.OfTenant(tenantId, tenantId),
            (key, inner) => _directory.FindTenantAsync(key.Id, inner),
            cancellationToken) ?? throw new ApiException(ApiErrors.TenantNotFound);
        if (route.Kind == RouteKind.Tenant && tenant.Refusal() is { } refusal)
        {
            throw new ApiException(refusal);
        }

        return new BearerCaller(token, tenant, roles[tenantId]);
    }

    private async ValueTask<TokenRecord> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var header = context.Request.Headers.Authorization;
        if (StringValues.IsNullOrEmpty(header) || !header.ToString().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(ApiErrors.TokenRequired);
        }

        if (!AccessToken.TryParse(header.ToString()[Scheme.Length..].Trim(), out var given))
        {
            throw new ApiException(ApiErrors.Unauthenticated);
        }

        var client = ClientAddress.Of(context);
        var token = await _tokens.GetAsync(
            CacheKey.OfPlatform(given.Id),
            (key, inner) => _lanes.RunAsync(client, last => _directory.FindTokenAsync(key.Id, last), inner),
            cancellationToken);
        if (token is null)
        {
            _lanes.WasUnknown(client);
            throw new ApiException(ApiErrors.Unauthenticated);
        }

        return given.Matches(token.TokenHash) && token.RevokedAt is null && (token.ExpiresAt is null || _time.GetUtcNow() < token.ExpiresAt)
            ? token
            : throw new ApiException(ApiErrors.Unauthenticated);
    }

    private static AuditEvent RefusedCall(HttpContext context, TokenRecord token, ApiRoute route) =>
        new("access.refused", TenantId: null)
        {
            ActorType = token.Ability == Abilities.Admin ? "operator" : "user",
            ActorId = token.OwnerId.ToString(),
            SubjectType = "route",
            SubjectId = $"{route.Kind} routes",
            RequestId = RequestIds.Of(context),
        };

    /// <summary>The tenant that the call names by header or host, else the user's only one. A tenant that is not the user's does not exist.</summary>
    private async ValueTask<Guid?> ChooseAsync(
        HttpContext context,
        TokenRecord token,
        ApiRoute route,
        IReadOnlyDictionary<Guid, TenantRole> roles,
        CancellationToken cancellationToken)
    {
        var byHost = await _hosts.FindAsync(context.Request.Host, cancellationToken);
        var header = context.Request.Headers[RequestHeaderPolicy.TenantId];
        if (header.Count > 0 || byHost is not null)
        {
            var named = header.Count == 0 ? byHost : Guid.TryParseExact(header.ToString(), "D", out var id) ? id : null;
            if (named is { } tenantId && roles.ContainsKey(tenantId) && (byHost is null || byHost == tenantId))
            {
                return tenantId;
            }

            // Whether there is such a tenant is not looked up: that would take time which tells.
            _audit.Note(RefusedCall(context, token, route), ApiErrors.TenantNotFound.Code, ClientNetwork.Of(ClientAddress.Of(context)));
            throw new ApiException(ApiErrors.TenantNotFound);
        }

        if (roles.Count == 1)
        {
            return roles.Keys.First();
        }

        if (route.Kind == RouteKind.Account)
        {
            return null;
        }

        throw new ApiException(roles.Count == 0
            ? ApiErrors.TenantNotFound
            : ApiErrors.ValidationFailed(RequestHeaderPolicy.TenantId, "You belong to several tenants: name one of them in this header."));
    }

    private static CoherentCacheOptions<T> Bounded<T>(string type, ResolutionOptions options)
        where T : class =>
        new()
        {
            Type = type,
            Capacity = options.MaximumKeys,
            NegativeCapacity = options.MaximumUnknown,
            NegativeTimeToLive = options.UnknownFor,
        };
}
