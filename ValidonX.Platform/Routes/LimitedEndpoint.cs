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

    /// <summary>
    /// <c>PUT /v1/account/password</c> and <c>DELETE /v1/account</c>, where the current password can be guessed: limited for the user, not for a key.
    /// </summary>
    Password,

    /// <summary>The routes of one's second factor, where its codes can be guessed: limited for the user or operator.</summary>
    SecondFactor,
}
