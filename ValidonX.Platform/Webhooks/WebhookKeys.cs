using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Webhooks;

/// <summary>
/// What an endpoint's deliveries are signed with: a secret that the receiver knows, and a key of Ed25519 of which the receiver knows the public half, so that what it keeps is good for verifying
/// only. Both as Standard Webhooks writes them: <c>whsec_</c> and <c>whpk_</c> with Base64.
/// </summary>
public sealed record WebhookKeys
{
    private const string SecretPrefix = "whsec_";
    private const string PublicPrefix = "whpk_";
    private const int SecretBytes = 32;

    private readonly byte[] _signingKey;

    private WebhookKeys(string secret, byte[] signingKey) => (Secret, _signingKey) = (secret, signingKey);

    /// <summary>The secret, to be shown once.</summary>
    public string Secret { get; }

    /// <summary>The public half of the other key.</summary>
    public string PublicKey
    {
        get
        {
            using var key = Open();
            return PublicPrefix + Convert.ToBase64String(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        }
    }

    /// <summary>Draws new ones.</summary>
    public static WebhookKeys Create() =>
        new(SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)), RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Opens sealed ones.</summary>
    /// <exception cref="CryptographicException">They were sealed with another key or for another endpoint.</exception>
    public static WebhookKeys Open(SecretSealer sealer, Guid endpointId, byte[] secret, byte[] signingKey) => new(
        sealer.Open(secret, SealedPurposes.WebhookSecret, endpointId),
        Convert.FromBase64String(sealer.Open(signingKey, SealedPurposes.WebhookSigningKey, endpointId)));

    /// <summary>Seals them for their endpoint.</summary>
    public (byte[] Secret, byte[] SigningKey) Seal(SecretSealer sealer, Guid endpointId) => (
        sealer.Seal(Secret, SealedPurposes.WebhookSecret, endpointId),
        sealer.Seal(Convert.ToBase64String(_signingKey), SealedPurposes.WebhookSigningKey, endpointId));

    /// <summary>The plain signature: HMAC-SHA256 of the body, keyed with the secret as it is shown.</summary>
    public string SignPlainly(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body));

    /// <summary>The signatures of Standard Webhooks, <c>v1</c> and <c>v1a</c>, over <c>id.timestamp.body</c>.</summary>
    public IReadOnlyList<string> Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(FormattableString.Invariant($"{id}.{timestamp}.")), .. body];
        using var key = Open();
        return
        [
            $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Secret[SecretPrefix.Length..]), signed))}",
            $"v1a,{Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(key, signed))}",
        ];
    }

    private Key Open() => Key.Import(SignatureAlgorithm.Ed25519, _signingKey, KeyBlobFormat.RawPrivateKey);
}
