namespace ValidonX.Platform.Secrets;

/// <summary>The secrets that a service may need beyond the database password.</summary>
[Flags]
internal enum SecretName
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><see cref="PlatformSecrets.ApiKeyPepper"/>.</summary>
    ApiKeyPepper = 1,

    /// <summary><see cref="PlatformSecrets.ContextSigningKey"/>.</summary>
    ContextSigningKey = 2,

    /// <summary><see cref="PlatformSecrets.DataEncryptionKey"/>.</summary>
    DataEncryptionKey = 4,
}
