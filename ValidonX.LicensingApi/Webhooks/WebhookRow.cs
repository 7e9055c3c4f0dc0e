using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>A row of <c>webhook_endpoints</c>, without what is secret in it.</summary>
internal sealed record WebhookRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, url, description, events, is_ordered, status, disabled_reason, public_key, previous_until, failing_since, created_at, updated_at";

    public Guid Id { get; init; }

    public string Url { get; init; } = "";

    public string? Description { get; init; }

    /// <summary>A JSON array.</summary>
    public string Events { get; init; } = "[]";

    public bool IsOrdered { get; init; }

    /// <summary>One of <see cref="WebhookStatus"/>.</summary>
    public string Status { get; init; } = WebhookStatus.Enabled;

    public string? DisabledReason { get; init; }

    public string PublicKey { get; init; } = "";

    public DateTimeOffset? PreviousUntil { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>As its owner sees it.</summary>
    public ShownWebhook Show(DateTimeOffset now) => new(
        Id, Url, Description, new RawJson(Events), IsOrdered, Status, DisabledReason, PublicKey, PreviousUntil > now ? PreviousUntil : null, FailingSince, CreatedAt, UpdatedAt);
}

/// <summary>Where a tenant is told of what happens.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where events are posted to.</param>
/// <param name="Description">What its owner knows it by.</param>
/// <param name="Events">The types of events that are delivered.</param>
/// <param name="Ordered">Whether events arrive in order.</param>
/// <param name="Status">Whether events are delivered.</param>
/// <param name="DisabledReason">Why not: a user has asked for it, the receiver has answered 410, or has failed for too long.</param>
/// <param name="PublicKey">What verifies signatures of kind `v1a` (Ed25519): `whpk_` and the key in Base64.</param>
/// <param name="PreviousValidUntil">Until when deliveries are signed with the secret and key of before the last rotation, too; null when they are not.</param>
/// <param name="FailingSince">Since when no delivery has succeeded; null when the last one has.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record ShownWebhook(
    Guid Id,
    [property: Example("https://hooks.acme.example/validonx")] string Url,
    [property: Example("Order system")] string? Description,
    [property: Shape(JsonSchemaType.Array, Of = JsonSchemaType.String)]
    [property: Example("""["license.created", "license.revoked"]""")] RawJson Events,
    bool Ordered,
    [property: Words(WebhookStatus.Enabled, WebhookStatus.Disabled)] string Status,
    [property: Words(Platform.Webhooks.DisabledReason.Asked, Platform.Webhooks.DisabledReason.Gone, Platform.Webhooks.DisabledReason.Failing)] string? DisabledReason,
    [property: Example("whpk_FS2jAJvTnpTgI7Smw/GimK1UUcWYCj8JbWa4DfPn0m8=")] string PublicKey,
    DateTimeOffset? PreviousValidUntil,
    DateTimeOffset? FailingSince,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>An endpoint with its secret: the only time that it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where events are posted to.</param>
/// <param name="Description">What its owner knows it by.</param>
/// <param name="Events">The types of events that are delivered.</param>
/// <param name="Ordered">Whether events arrive in order.</param>
/// <param name="Status">Whether events are delivered.</param>
/// <param name="Secret">What deliveries are signed with: `whsec_` and 32 bytes in Base64.</param>
/// <param name="PublicKey">What verifies signatures of kind `v1a` (Ed25519).</param>
/// <param name="PreviousValidUntil">Until when deliveries are signed with the secret and key of before, too; null for a new endpoint.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record CreatedWebhook(
    Guid Id,
    [property: Example("https://hooks.acme.example/validonx")] string Url,
    [property: Example("Order system")] string? Description,
    [property: Shape(JsonSchemaType.Array, Of = JsonSchemaType.String)]
    [property: Example("""["license.created", "license.revoked"]""")] RawJson Events,
    bool Ordered,
    [property: Words(WebhookStatus.Enabled, WebhookStatus.Disabled)] string Status,
    [property: Example("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")] string Secret,
    [property: Example("whpk_FS2jAJvTnpTgI7Smw/GimK1UUcWYCj8JbWa4DfPn0m8=")] string PublicKey,
    DateTimeOffset? PreviousValidUntil,
    DateTimeOffset CreatedAt)
{
    /// <summary>The row with its new keys.</summary>
    public static CreatedWebhook Of(WebhookRow row, WebhookKeys keys) =>
        new(row.Id, row.Url, row.Description, new RawJson(row.Events), row.IsOrdered, row.Status, keys.Secret, keys.PublicKey, row.PreviousUntil, row.CreatedAt);
}
