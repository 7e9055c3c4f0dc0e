using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.LicensingApi.Offline;

/// <summary>JSON Web Encryption in its compact form (RFC 7516): <c>dir</c> with <c>A256GCM</c>, so that the key is what both sides derive.</summary>
internal static class Jwe
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static readonly byte[] LicenseFileInfo = "validonx-license-file"u8.ToArray();

    /// <summary>The key of a license's files: who has the license key can open them, and nobody else.</summary>
    public static byte[] KeyOf(string licenseKey, Guid licenseId) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(licenseKey), KeyBytes, Encoding.UTF8.GetBytes(licenseId.ToString()), LicenseFileInfo);

    /// <summary>Encrypts a text.</summary>
    /// <param name="key">256 bits.</param>
    /// <param name="text">What is encrypted.</param>
    /// <param name="type">The header's <c>cty</c>: what it is.</param>
    public static string Encrypt(byte[] key, string text, string type)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"dir","enc":"A256GCM","cty":"{{type}}"}"""));
        var plain = Encoding.UTF8.GetBytes(text);
        var (nonce, cipher, tag) = (RandomNumberGenerator.GetBytes(NonceBytes), new byte[plain.Length], new byte[TagBytes]);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plain, cipher, tag, Encoding.ASCII.GetBytes(header));
        // The second of five parts is the encrypted key, of which there is none.
        return string.Join('.', header, "", Base64Url.EncodeToString(nonce), Base64Url.EncodeToString(cipher), Base64Url.EncodeToString(tag));
    }
}
