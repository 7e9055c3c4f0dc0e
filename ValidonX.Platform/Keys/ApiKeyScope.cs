namespace ValidonX.Platform.Keys;

/// <summary>Which parts of the Integration API a key may use.</summary>
[Flags]
public enum ApiKeyScope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Validate licenses.</summary>
    Licenses = 1,

    /// <summary>Activate, and validate activations.</summary>
    Activations = 2,

    /// <summary>Check entitlements.</summary>
    Entitlements = 4,

    /// <summary>Record usage.</summary>
    Usage = 8,

    /// <summary>Resolve licenses.</summary>
    Resolve = 16,

    /// <summary>Everything; what a key without named scopes has.</summary>
    All = Licenses | Activations | Entitlements | Usage | Resolve,
}
