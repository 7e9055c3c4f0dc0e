namespace ValidonX.Platform.Secrets;

/// <summary>The secrets that a service may need.</summary>
[Flags]
public enum SecretName
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><see cref="PlatformSecrets.ApiKeyPepper"/>.</summary>
    ApiKeyPepper = 1,

    /// <summary><see cref="PlatformSecrets.ContextSigningKey"/>.</summary>
    ContextSigningKey = 2,

    /// <summary><see cref="PlatformSecrets.DataEncryptionKey"/>.</summary>
    DataEncryptionKey = 4,

    /// <summary><see cref="PlatformSecrets.ServiceDatabasePassword"/>: whoever opens tenants' scopes, and who makes the account.</summary>
    ServiceDatabasePassword = 8,

    /// <summary><see cref="PlatformSecrets.GatewayDatabasePassword"/>: who makes the account.</summary>
    GatewayDatabasePassword = 16,

    /// <summary><see cref="PlatformSecrets.ApiDatabasePassword"/>: who makes the account.</summary>
    ApiDatabasePassword = 32,
}
