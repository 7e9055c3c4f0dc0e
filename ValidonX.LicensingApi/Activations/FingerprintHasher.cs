using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Hashes the components of machines: HMAC-SHA-256 under a key of the platform's, cut to 128 bits.</summary>
internal sealed class FingerprintHasher(IOptions<PlatformSecrets> secrets)
{
    private const int Bytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secrets.Value.DataEncryptionKey!), 32, info: "validonx/fingerprints/v1"u8.ToArray());

    /// <summary>What the components of a machine are, for a license.</summary>
    public Fingerprints Hash(Guid licenseId, IReadOnlyDictionary<string, string>? components) =>
        components is null or { Count: 0 }
            ? Fingerprints.None
            // Names have no line break, so that no two components make the same text.
            : new Fingerprints(components.Select(one => KeyValuePair.Create(
                one.Key,
                Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{licenseId:D}\n{one.Key}\n{one.Value}")).AsSpan(0, Bytes)))));
}
