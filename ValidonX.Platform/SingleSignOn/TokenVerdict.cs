using System.Text.Json;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>A token that an issuer has signed and that is good now.</summary>
/// <param name="Subject">Whom the issuer means; unique and never given to another there.</param>
/// <param name="Audiences">For whom it is.</param>
/// <param name="EndsAt">From when on it has to be checked again, if it has not ended.</param>
/// <param name="IssuedAt">When it was issued; the beginning of time where it does not say.</param>
/// <param name="Payload">All its claims.</param>
/// <param name="SignedWith">The keys it was checked against.</param>
public sealed record VerifiedToken(
    string Subject, IReadOnlyList<string> Audiences, DateTimeOffset EndsAt, DateTimeOffset IssuedAt, JsonElement Payload, IssuerKeySet SignedWith);

/// <summary>What a check came to.</summary>
/// <param name="Token">The token, when it is good.</param>
/// <param name="Reason">Why not: one of the words below.</param>
public readonly record struct TokenVerdict(VerifiedToken? Token, string Reason)
{
    /// <summary>It is good.</summary>
    public const string Accepted = "accepted";

    /// <summary>It is no signed token, or has no subject.</summary>
    public const string Malformed = "malformed";

    /// <summary>The signature, the key or the algorithm is not the issuer's.</summary>
    public const string BadSignature = "bad_signature";

    /// <summary>It is for somebody else.</summary>
    public const string WrongAudience = "wrong_audience";

    /// <summary>Its time is over, or has not come.</summary>
    public const string OutOfTime = "out_of_time";

    /// <summary>The issuer is away, and its keys are not known.</summary>
    public const string IssuerAway = "issuer_away";
}
