namespace ValidonX.Platform.Secrets;

/// <summary>
/// Configuration section <c>Secrets</c>. None has a default: the AppHost makes them up in development and asks for them elsewhere,
/// and a service that lacks one it needs ends at start with a sentence that names it.
/// </summary>
public sealed class PlatformSecrets
{
    /// <summary>The section's name.</summary>
    public const string Section = "Secrets";

    /// <summary>Password of the tenant pools' account on every database server.</summary>
    public string ServiceDatabasePassword { get; set; } = "";

    /// <summary>Password of the gateways' account. The gateways themselves have it in their connection string.</summary>
    public string GatewayDatabasePassword { get; set; } = "";

    /// <summary>Password of the licensing APIs' account. The licensing APIs themselves have it in their connection string.</summary>
    public string ApiDatabasePassword { get; set; } = "";

    /// <summary>Key of the HMAC under which API keys are stored. Changing it makes every issued key unknown.</summary>
    public string? ApiKeyPepper { get; set; }

    /// <summary>Key of the HMAC that signs the tenant context between gateway and licensing API.</summary>
    public string? ContextSigningKey { get; set; }

    /// <summary>Key under which values that must be readable once more (first API key, webhook secrets) are encrypted.</summary>
    public string? DataEncryptionKey { get; set; }
}
