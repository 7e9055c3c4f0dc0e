using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Audit;

/// <summary>
/// Seals the ends of chains (HMAC-SHA-256 under a key of its own, derived from the data encryption key). Whoever can write the database, and has not the secret,
/// can neither cut a chain off nor compute it anew behind a change.
/// </summary>
public sealed class AuditSeal
{
    private readonly byte[] _key;

    public AuditSeal(IOptions<PlatformSecrets> secrets) =>
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secrets.Value.DataEncryptionKey!), 32, info: "validonx/audit-head/v1"u8.ToArray());

    /// <summary>The head with its seal.</summary>
    public AuditHead Put(AuditHead head) => head with { Seal = Of(head) };

    /// <summary>Whether the head is as it was sealed.</summary>
    public bool IsIntact(AuditHead head) => CryptographicOperations.FixedTimeEquals(head.Seal, Of(head));

    private byte[] Of(AuditHead head) =>
        HMACSHA256.HashData(
            _key, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head.Chain}|{head.Position}|{head.LastId}|{Convert.ToHexStringLower(head.Hash)}")));
}
