namespace ValidonX.Platform.Webhooks;

/// <summary>The headers of a delivery: those of Standard Webhooks, and the plain signature of CONTRACT §7.</summary>
public static class WebhookHeaders
{
    /// <summary>The event's id: the same at each try.</summary>
    public const string Id = "webhook-id";

    /// <summary>Unix seconds of this try.</summary>
    public const string Timestamp = "webhook-timestamp";

    /// <summary>Signatures over <c>id.timestamp.body</c>, with blanks between them.</summary>
    public const string Signature = "webhook-signature";

    /// <summary>Hexadecimal HMAC-SHA256 of the body.</summary>
    public const string PlainSignature = "X-ValidonX-Signature";

    /// <summary>The same with the secret of before, while a rotation overlaps.</summary>
    public const string PreviousPlainSignature = "X-ValidonX-Signature-Previous";

    public const string ContentType = "application/json; charset=utf-8";

    public const string UserAgent = "ValidonX-Webhooks/1";
}
