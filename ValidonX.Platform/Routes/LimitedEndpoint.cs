namespace ValidonX.Platform.Routes;

/// <summary>The endpoints of the Integration API that have a quota of their own (CONTRACT §4, layer 3).</summary>
internal enum LimitedEndpoint
{
    /// <summary>None of them.</summary>
    None,

    /// <summary><c>POST /v1/integration/activations</c>.</summary>
    Activations,

    /// <summary><c>POST /v1/integration/usage/record</c>.</summary>
    Usage,

    /// <summary><c>POST /v1/integration/entitlements/check</c>.</summary>
    Entitlements,
}
