using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ValidonX.Coherence;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.SingleSignOn;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Routes;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Gateway.Resolution;

/// <summary>From a bearer token to the operator or the user, and to the one tenant that a user's call is about (CONTRACT §2).</summary>
internal sealed class BearerResolver
{
    private const string Scheme = "Bearer ";

    private readonly CoherentCache<Guid, TokenRecord> _tokens;
    private readonly AccountDirectory _directory;
    private readonly CallerRecords _records;
    private readonly HostTenants _hosts;
    private readonly SignedOnResolver _signedOn;
    private readonly LookupLanes _lanes;
    private readonly CountedAudit _audit;
    private readonly TimeProvider _time;

    public BearerResolver(
        CoherentCaches caches,
        AccountDirectory directory,
        CallerRecords records,
        HostTenants hosts,
        SignedOnResolver signedOn,
        LookupLanes lanes,
        CountedAudit audit,
        TimeProvider time,
        IOptions<ResolutionOptions> options)
    {
        (_directory, _records, _hosts, _signedOn, _lanes, _audit, _time) = (directory, records, hosts, signedOn, lanes, audit, time);
        _tokens = caches.Create<Guid, TokenRecord>(options.Value.Bounded<TokenRecord>(CacheKeys.TokenType));
    }

    /// <summary>Finds the caller.</summary>
    /// <exception cref="ApiException">401, 403, 404 or 422 as CONTRACT §2 says.</exception>
    public async ValueTask<BearerCaller> ResolveAsync(HttpContext context, ApiRoute route, CancellationToken cancellationToken)
    {
        var header = context.Request.Headers.Authorization;
        if (StringValues.IsNullOrEmpty(header) || !header.ToString().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(ApiErrors.TokenRequired);
        }

        var text = header.ToString()[Scheme.Length..].Trim();
        if (TokenVerifier.IsShapedLikeOne(text))
        {
            return await _signedOn.ResolveAsync(text, context, route, cancellationToken);
        }

        var token = await AuthenticateAsync(text, context, cancellationToken);
        if (token.Ability != (route.Kind == RouteKind.Operator ? Abilities.Admin : Abilities.Tenant))
        {
            _audit.Note(RefusedCall(context, token, route), ApiErrors.InvalidScope.Code, ClientNetwork.Of(ClientAddress.Of(context)));
            throw new ApiException(ApiErrors.InvalidScope);
        }

        var caller = new BearerCaller(route.Kind == RouteKind.Operator ? CallerKind.Operator : CallerKind.User, token.OwnerId) { Token = token, IsSignedOn = token.TenantId is not null };
        if (route.Kind == RouteKind.Operator)
        {
            return caller;
        }

        var roles = (await _records.MembershipsAsync(token.OwnerId, cancellationToken)).Roles;
        if (token.TenantId is { } only)
        {
            // Whoever has signed in at a tenant's issuer has come to that tenant.
            roles = roles.Where(role => role.Key == only).ToDictionary();
        }

        if (await ChooseAsync(context, token, route, roles, cancellationToken) is not { } tenantId)
        {
            return caller;
        }

        var tenant = await _records.TenantAsync(tenantId, cancellationToken) ?? throw new ApiException(ApiErrors.TenantNotFound);
        return route.Kind == RouteKind.Tenant && tenant.Refusal() is { } refusal
            ? throw new ApiException(refusal)
            : caller with { Tenant = tenant, Role = token.HighestRole is { } highest ? SignOnSettings.AtMost(roles[tenantId], highest) : roles[tenantId] };
    }

    private async ValueTask<TokenRecord> AuthenticateAsync(string text, HttpContext context, CancellationToken cancellationToken)
    {
        if (!AccessToken.TryParse(text, out var given))
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
            && (token.TenantId is null || token.HighestRole is not null)
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
        var choice = await TenantChoice.OfAsync(context, _hosts, cancellationToken);
        if (choice.IsNamed)
        {
            if (choice.Id is { } tenantId && roles.ContainsKey(tenantId))
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

        throw new ApiException(roles.Count == 0 ? ApiErrors.TenantNotFound : TenantChoice.Needed);
    }
}
