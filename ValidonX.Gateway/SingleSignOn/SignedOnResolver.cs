using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;

namespace ValidonX.Gateway.SingleSignOn;

/// <summary>
/// From a token of an issuer to a user of the one tenant that trusts the issuer for it. What is stored decides about the role and about whether the user still belongs there;
/// a token that knows better, or is about somebody new, is passed on as such, and the licensing API takes note of it.
/// </summary>
internal sealed class SignedOnResolver(TokensOfIssuers tokens, CallerRecords records, HostTenants hosts, LookupLanes lanes, CountedAudit audit)
{
    private static readonly ApiError NoRole = ApiErrors.Forbidden with { Message = "The tenant's single sign-on gives this user no role." };

    /// <summary>Finds the caller.</summary>
    /// <exception cref="ApiException">401, 403, 404, 422 or 503.</exception>
    public async ValueTask<BearerCaller> ResolveAsync(string text, HttpContext context, ApiRoute route, CancellationToken cancellationToken)
    {
        RememberedToken token;
        try
        {
            token = await tokens.CheckAsync(text, context, cancellationToken);
        }
        catch (ApiException refused) when (refused.Error.Status == StatusCodes.Status401Unauthorized)
        {
            lanes.WasUnknown(ClientAddress.Of(context));
            throw;
        }

        var inTenant = await ChooseAsync(token, context, cancellationToken);
        if (route.Kind == RouteKind.Operator)
        {
            throw Refuse(ApiErrors.InvalidScope);
        }

        var tenant = await records.TenantAsync(inTenant.Settings.TenantId, cancellationToken) ?? throw new ApiException(ApiErrors.TenantNotFound);
        if (tenant.Refusal() is { } refusal)
        {
            throw new ApiException(refusal);
        }

        if (inTenant.Role is not { } claimed)
        {
            throw Refuse(NoRole);
        }

        var caller = new BearerCaller(CallerKind.User, Id: null) { Tenant = tenant, IsSignedOn = true };
        if (await tokens.FindUserAsync(inTenant, cancellationToken) is not { } user)
        {
            return caller with { Role = claimed, Claimed = token.ClaimedIn(inTenant, claimed) };
        }

        if (!(await records.MembershipsAsync(user.UserId, cancellationToken)).Roles.TryGetValue(tenant.Id, out var role))
        {
            // Was removed: the next token does not undo that.
            throw Refuse(ApiErrors.TenantNotFound);
        }

        // An owner was made one here, and stays one here.
        var isNews = inTenant.Settings.RoleClaim is not null && role != claimed && role != TenantRole.Owner && token.IssuedAt > user.ClaimsAt;
        return caller with
        {
            Id = user.UserId,
            Role = isNews ? claimed : inTenant.Settings.AtMost(role),
            Claimed = isNews ? token.ClaimedIn(inTenant, claimed) : null,
        };

        ApiException Refuse(ApiError error)
        {
            audit.Note(
                new AuditEvent("access.refused", inTenant.Settings.TenantId) { SubjectType = "route", SubjectId = $"{route.Kind} routes", RequestId = RequestIds.Of(context) },
                error.Code,
                ClientNetwork.Of(ClientAddress.Of(context)));
            return new ApiException(error);
        }
    }

    /// <summary>
    /// The tenant that the call names, else the only one that the token can be for, else the only one of them where its subject is known: that another tenant configures
    /// the same issuer does not shut out those who were there before.
    /// </summary>
    private async ValueTask<TokenInTenant> ChooseAsync(RememberedToken token, HttpContext context, CancellationToken cancellationToken)
    {
        var choice = await TenantChoice.OfAsync(context, hosts, cancellationToken);
        if (choice.IsNamed)
        {
            return token.Tenants.FirstOrDefault(one => one.Settings.TenantId == choice.Id) ?? throw new ApiException(ApiErrors.TenantNotFound);
        }

        if (token.Tenants is [{ } only])
        {
            return only;
        }

        TokenInTenant? known = null;
        foreach (var one in token.Likely)
        {
            if (await tokens.FindUserAsync(one, cancellationToken) is not null)
            {
                known = known is null ? one : throw new ApiException(TenantChoice.Needed);
            }
        }

        return known ?? throw new ApiException(TenantChoice.Needed);
    }
}
