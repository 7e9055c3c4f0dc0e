namespace ValidonX.Platform.Routes;

/// <summary>The endpoints that have a quota of their own (CONTRACT §4, layer 3).</summary>
public enum LimitedEndpoint
{
    /// <summary>None of them.</summary>
    None,

    /// <summary><c>POST /v1/integration/activations</c>.</summary>
    Activations,

    /// <summary><c>POST /v1/integration/usage/record</c>.</summary>
    Usage,

    /// <summary><c>POST /v1/integration/entitlements/check</c>.</summary>
    Entitlements,

    /// <summary>The routes by which the holder of a seat keeps it or gives it back; apart from those that take seats, so that who has one can always let it go.</summary>
    Heartbeats,

    /// <summary>
    /// Where somebody signed in states the current password, which can be guessed there: to change it or the address, to begin a second factor, to delete the account. Limited for the
    /// user or operator, not for a key.
    /// </summary>
    Password,

    /// <summary>The routes of one's second factor, where its codes can be guessed: limited for the user or operator.</summary>
    SecondFactor,
}
