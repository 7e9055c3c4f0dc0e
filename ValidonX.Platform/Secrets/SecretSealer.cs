using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace ValidonX.Platform.Secrets;

/// <summary>
/// Encrypts the few values that must be readable once more (AES-256-GCM, random nonce). Each is bound to its purpose and owner, so
/// that a sealed value copied to another row does not open there. Layout: nonce (12) | tag (16) | ciphertext.
/// </summary>
public sealed class SecretSealer
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[] _key;

    public SecretSealer(IOptions<PlatformSecrets> secrets) =>
        _key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Encoding.UTF8.GetBytes(secrets.Value.DataEncryptionKey!),
            32,
            info: "validonx/sealed/v1"u8.ToArray());

    /// <summary>Encrypts a value for one purpose and owner.</summary>
    public byte[] Seal(string value, string purpose, Guid owner)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var output = new byte[NonceSize + TagSize + plain.Length];
        var nonce = output.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(nonce, plain, output.AsSpan(NonceSize + TagSize), output.AsSpan(NonceSize, TagSize), Binding(purpose, owner));
        return output;
    }

    /// <summary>Decrypts a value.</summary>
    /// <exception cref="CryptographicException">It was sealed with another key, for another purpose or owner, or is damaged.</exception>
    public string Open(byte[] value, string purpose, Guid owner)
    {
        if (value.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("A sealed value is too short.");
        }

        var plain = new byte[value.Length - NonceSize - TagSize];
        using var aes = new AesGcm(_key, TagSize);
        aes.Decrypt(
            value.AsSpan(0, NonceSize),
            value.AsSpan(NonceSize + TagSize),
            value.AsSpan(NonceSize, TagSize),
            plain,
            Binding(purpose, owner));
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Binding(string purpose, Guid owner) => Encoding.UTF8.GetBytes($"{purpose}:{owner:N}");
}
