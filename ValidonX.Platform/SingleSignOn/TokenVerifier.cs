using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>
/// Checks tokens of an issuer (RFC 7519, RFC 8725): signed with a key of the issuer by an algorithm of the list, for us, at this time. Signatures that anyone could make who
/// knows what we know (<c>none</c>, HMAC) are on no list.
/// </summary>
public sealed class TokenVerifier(Issuers issuers, IOptions<SingleSignOnOptions> options, TimeProvider time)
{
    /// <summary>Most characters of a token.</summary>
    public const int MaximumLength = 8 * 1024;

    private const int MaximumSubjectLength = 255;

    /// <summary>How long a token that is good is taken to be so without another check.</summary>
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(5);

    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>ID tokens and access tokens (RFC 9068); not those that end sessions or say who a client is.</summary>
    private static readonly string[] Types = ["JWT", "at+jwt", "application/at+jwt"];

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaximumLength };

    /// <summary>Whether a text has the shape of a signed token; says nothing about what is in it.</summary>
    public static bool IsShapedLikeOne(string text)
    {
        if (text.Length > MaximumLength || !text.StartsWith("eyJ", StringComparison.Ordinal))
        {
            return false;
        }

        var dots = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                dots++;
            }
            else if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return dots == 2;
    }

    /// <summary>Who the token says has issued it; <see langword="null"/> when it cannot be read. Nothing of it is proved.</summary>
    public static string? ClaimedIssuer(string token) =>
        TryReadPayload(token, out var payload) && payload.TryGetProperty("iss", out var issuer) && issuer.ValueKind == JsonValueKind.String ? issuer.GetString() : null;

    /// <summary>Checks a token.</summary>
    /// <param name="text">The token.</param>
    /// <param name="issuer">Who has to have issued it: one that a tenant has configured.</param>
    /// <param name="audiences">For one of whom it has to be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TokenVerdict> VerifyAsync(string text, string issuer, IReadOnlyCollection<string> audiences, CancellationToken cancellationToken)
    {
        if (!IsShapedLikeOne(text) || Read(text) is not { } token || token.TryGetHeaderValue<object>("crit", out _))
        {
            return new(null, TokenVerdict.Malformed);
        }

        var ofIssuer = issuers.Of(issuer);
        if (await ofIssuer.GetAsync(cancellationToken) is not { } keys)
        {
            return new(null, TokenVerdict.IssuerAway);
        }

        if (!keys.Named(token.Kid).Any())
        {
            if (!Algorithms.Contains(token.Alg, StringComparer.Ordinal) || await ofIssuer.GetNewerAsync(keys, cancellationToken) is not { } newer)
            {
                return new(null, TokenVerdict.BadSignature);
            }

            keys = newer;
        }

        var result = await _handler.ValidateTokenAsync(text, Parameters(issuer, audiences, keys));
        return result.IsValid ? Accept(text, token, keys) : new(null, ReasonOf(result.Exception));
    }

    private TokenVerdict Accept(string text, JsonWebToken token, IssuerKeySet keys)
    {
        if (token.Subject is not { Length: > 0 and <= MaximumSubjectLength } subject || !subject.All(c => c is >= ' ' and < '\x7f') || !TryReadPayload(text, out var payload))
        {
            return new(null, TokenVerdict.Malformed);
        }

        return new(
            new VerifiedToken(subject, [.. token.Audiences], GoodUntil(token.ValidTo), Utc(token.IssuedAt), payload, keys),
            TokenVerdict.Accepted);
    }

    private TokenValidationParameters Parameters(string issuer, IReadOnlyCollection<string> audiences, IssuerKeySet keys) =>
        new()
        {
            ValidIssuer = issuer,
            ValidAudiences = audiences,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            TryAllIssuerSigningKeys = false,
            IssuerSigningKeyResolver = (_, _, keyId, _) => keys.Named(keyId),
            LifetimeValidator = (notBefore, expires, _, _) => IsTime(notBefore, expires),
            TypeValidator = (type, _, _) => string.IsNullOrEmpty(type) || Types.Contains(type, StringComparer.OrdinalIgnoreCase)
                ? type ?? ""
                : throw new SecurityTokenInvalidTypeException(),
        };

    /// <summary>By our clock, which tests can move.</summary>
    private bool IsTime(DateTime? notBefore, DateTime? expires)
    {
        var now = time.GetUtcNow();
        return expires is { } end && now - options.Value.ClockSkew < Utc(end) && (notBefore is not { } start || now + options.Value.ClockSkew >= Utc(start));
    }

    private DateTimeOffset GoodUntil(DateTime expires)
    {
        var latest = time.GetUtcNow() + RememberedFor;
        return Utc(expires) < latest ? Utc(expires) + options.Value.ClockSkew : latest;
    }

    private static string ReasonOf(Exception? failure) =>
        failure switch
        {
            SecurityTokenInvalidAudienceException => TokenVerdict.WrongAudience,
            SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => TokenVerdict.OutOfTime,
            SecurityTokenInvalidTypeException or SecurityTokenMalformedException => TokenVerdict.Malformed,
            _ => TokenVerdict.BadSignature,
        };

    private static DateTimeOffset Utc(DateTime time) => time == DateTime.MinValue ? DateTimeOffset.MinValue : new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static JsonWebToken? Read(string text)
    {
        try
        {
            return new JsonWebToken(text);
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    private static bool TryReadPayload(string token, out JsonElement payload)
    {
        payload = default;
        var start = token.IndexOf('.', StringComparison.Ordinal) + 1;
        var part = token.AsSpan(start, token.LastIndexOf('.') - start);
        if (!Base64Url.IsValid(part))
        {
            return false;
        }

        try
        {
            payload = JsonElement.Parse(Base64Url.DecodeFromChars(part));
            return payload.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
