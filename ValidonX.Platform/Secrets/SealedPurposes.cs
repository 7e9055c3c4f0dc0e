namespace ValidonX.Platform.Secrets;

/// <summary>What values are sealed for; together with the owner's id it binds a sealed value to its place, see <see cref="SecretSealer"/>.</summary>
public static class SealedPurposes
{
    /// <summary><c>api_keys.sealed_key</c>; the owner is the key's id.</summary>
    public const string ApiKey = "api-key";

    /// <summary><c>webhook_endpoints.sealed_secret</c>; the owner is the endpoint's id.</summary>
    public const string WebhookSecret = "webhook-secret";

    /// <summary><c>webhook_endpoints.sealed_signing_key</c>; the owner is the endpoint's id.</summary>
    public const string WebhookSigningKey = "webhook-signing-key";

    /// <summary><c>idempotency_keys.response_body</c>, which may show a new key; the owner is the tenant's or operator's id.</summary>
    public const string IdempotentAnswer = "idempotent-answer";

    /// <summary><c>outbox_mails.sealed_body</c>; the owner is the mail's id.</summary>
    public const string Mail = "mail";

    /// <summary><c>two_factors.sealed_secret</c> of a user or an operator, whose id is the owner.</summary>
    public const string TwoFactor = "two-factor";

    /// <summary><c>tenant_sso.sealed_client_secret</c>; the owner is the tenant's id.</summary>
    public const string ClientSecret = "client-secret";

    /// <summary>What a sign-in at an issuer that was begun has to come back with; it is kept by who began it. The owner is the tenant's id.</summary>
    public const string SignOnBegun = "sign-on-begun";

    /// <summary>What a passkey was asked for; it is kept by who asked. The owner is the user's or operator's id, or none at a sign-in.</summary>
    public const string PasskeyCeremony = "passkey-ceremony";

    /// <summary><c>signing_keys.sealed_private</c>; the owner is the key's id, and its tenant is part of the purpose, since each tenant has a table of its own.</summary>
    public static string SigningKey(Guid tenantId) => $"signing-key/{tenantId}";
}
