namespace ValidonX.Platform.Callers;

/// <summary>Who is calling, as the gateway found out.</summary>
public enum CallerKind
{
    /// <summary>Nobody in particular: login and the public routes.</summary>
    Anonymous = 0,

    /// <summary>A customer app with an API key.</summary>
    ApiKey = 1,

    /// <summary>A tenant's user.</summary>
    User = 2,

    /// <summary>An operator of the platform.</summary>
    Operator = 3,

    /// <summary>A customer of the tenant that the request's host names; of whom nothing else is known here.</summary>
    Customer = 4,
}
