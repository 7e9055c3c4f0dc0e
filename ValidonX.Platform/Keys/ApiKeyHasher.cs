using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Keys;

/// <summary>
/// HMAC-SHA256 of an API key under the platform's pepper: what is stored and looked up. Looking up by it does not leak the key
/// through timing, because an attacker cannot predict the HMAC of a guess.
/// </summary>
public sealed class ApiKeyHasher : IDisposable
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    // Setting an HMAC up costs more than computing it, so each thread keeps one that is ready.
    private readonly ThreadLocal<IncrementalHash> _hash;

    public ApiKeyHasher(IOptions<PlatformSecrets> secrets)
    {
        var pepper = Encoding.UTF8.GetBytes(secrets.Value.ApiKeyPepper!);
        _hash = new ThreadLocal<IncrementalHash>(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, pepper));
    }

    /// <summary>The hash of a well-formed key.</summary>
    public byte[] Hash(ReadOnlySpan<char> key)
    {
        var hash = new byte[Size];
        Hash(key, hash);
        return hash;
    }

    /// <summary>The hash of a well-formed key, without allocating.</summary>
    public void Hash(ReadOnlySpan<char> key, Span<byte> hash)
    {
        Span<byte> ascii = stackalloc byte[ApiKeyText.Length];
        var length = Encoding.ASCII.GetBytes(key, ascii);
        var hmac = _hash.Value!;
        hmac.AppendData(ascii[..length]);
        hmac.GetHashAndReset(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
