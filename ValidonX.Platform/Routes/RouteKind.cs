namespace ValidonX.Platform.Routes;

/// <summary>Who may call a route, hence how its caller is found (CONTRACT §2).</summary>
public enum RouteKind
{
    /// <summary>Anyone.</summary>
    Public,

    /// <summary>Anyone, but every attempt counts against the throttle of its <see cref="SignInAttempt"/>.</summary>
    Login,

    /// <summary>A customer app with an API key.</summary>
    Integration,

    /// <summary>A user of the one tenant the call is about.</summary>
    Tenant,

    /// <summary>A user, whose tenant matters only where the call names one: the account itself, and tenants that are still to be.</summary>
    Account,

    /// <summary>An operator of the platform.</summary>
    Operator,

    /// <summary>Anyone who comes by a host that names a tenant; every attempt to get in counts against the throttle of its <see cref="SignInAttempt"/>.</summary>
    Customer,
}
