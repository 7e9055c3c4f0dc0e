using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.Callers;

/// <summary>Who may call an endpoint; endpoint metadata, of which the innermost counts.</summary>
internal sealed class CallerRequirement
{
    private CallerRequirement(string permission, CallerKind kind, TenantRole? role, bool isOfTenant) =>
        (Permission, Kind, Role, IsOfTenant) = (permission, kind, role, isOfTenant);

    /// <summary>The name of the right, a line of <see cref="Permissions"/>.</summary>
    public string Permission { get; }

    /// <summary>The kind of caller.</summary>
    public CallerKind Kind { get; }

    /// <summary>The least role of a user.</summary>
    public TenantRole? Role { get; }

    /// <summary>Whether a user may call whose account is a tenant's single sign-on's: there is no password, no second factor and no other tenant to it.</summary>
    public bool TakesSignedOn { get; private init; } = true;

    /// <summary>Whether the endpoint is about the tenant that the caller names, which then has to be in service.</summary>
    public bool IsOfTenant { get; }

    /// <summary>A customer app with an API key.</summary>
    public static CallerRequirement ApiKey(string permission) => new(permission, CallerKind.ApiKey, null, isOfTenant: true);

    /// <summary>Anybody who comes by the host of a tenant.</summary>
    public static CallerRequirement Customer(string permission) => new(permission, CallerKind.Customer, null, isOfTenant: true);

    /// <summary>An operator.</summary>
    public static CallerRequirement Operator(string permission) => new(permission, CallerKind.Operator, null, isOfTenant: false);

    /// <summary>A user, about the user's own account: no tenant has to be in service, or named, for that.</summary>
    public static CallerRequirement Account(string permission) => new(permission, CallerKind.User, null, isOfTenant: false) { TakesSignedOn = false };

    /// <summary>The same, also for users whom a tenant's single sign-on vouches for.</summary>
    public static CallerRequirement AnyAccount(string permission) => new(permission, CallerKind.User, null, isOfTenant: false);

    /// <summary>A tenant's user with at least this role.</summary>
    public static CallerRequirement User(string permission, TenantRole role) => new(permission, CallerKind.User, role, isOfTenant: true);

    /// <summary>Why this caller is refused, or <see langword="null"/> when it may call (CONTRACT §2).</summary>
    public ApiError? Refusal(Caller caller)
    {
        if (caller.Context.Kind != Kind)
        {
            return (Kind, caller.Context.Kind) switch
            {
                (CallerKind.ApiKey, _) => ApiErrors.InvalidApiKey,
                (CallerKind.Customer, _) => ApiErrors.TenantNotFound,
                (_, CallerKind.User or CallerKind.Operator) => ApiErrors.InvalidScope,
                _ => ApiErrors.TokenRequired,
            };
        }

        if (caller.Context.IsSignedOn && !TakesSignedOn)
        {
            return ApiErrors.InvalidScope;
        }

        if (IsOfTenant && !caller.HasTenant)
        {
            return ApiErrors.TenantInvalidState;
        }

        return Role is { } least && caller.Context.Role is var role && (role is null || role < least) ? ApiErrors.InsufficientPermissions : null;
    }
}

internal static class CallerRequirementConventions
{
    /// <summary>Says who may call the endpoint, or all endpoints of the group.</summary>
    public static TBuilder For<TBuilder>(this TBuilder builder, CallerRequirement requirement)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(requirement);
        return builder;
    }
}
