using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Customers;

/// <summary>
/// What is stored of codes and of what they are for: HMAC-SHA-256 under a key of the platform's, as there are few enough codes and addresses to try all of them at a plain hash.
/// </summary>
internal sealed class CustomerHashes(IOptions<PlatformSecrets> secrets)
{
    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secrets.Value.ApiKeyPepper!), 32, info: "validonx/customer-codes/v1"u8.ToArray());

    /// <summary>Of a license key.</summary>
    public byte[] Key(TenantPlacement placement, string licenseKey) => Of("key", placement, licenseKey);

    /// <summary>Of a code for a license.</summary>
    public byte[] Code(TenantPlacement placement, string licenseKey, string code) => Of("code", placement, $"{code}\n{licenseKey}");

    /// <summary>Of the address that a license's customer has, as it is written.</summary>
    public byte[] Email(TenantPlacement placement, string? email) => Of("email", placement, email ?? "");

    private byte[] Of(string kind, TenantPlacement placement, string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind}\n{placement.TenantId:D}\n{text}"));
}
