using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Callers;

/// <summary>
/// Signs and verifies <see cref="CallerContext"/>: <c>base64url(JSON) "." base64url(HMAC-SHA256)</c>, one shared key, the MAC compared
/// in constant time before a byte of the JSON is read.
/// </summary>
public sealed class CallerContextSigner
{
    private const int MaximumLength = 4096;
    private const int MacLength = 43;
    private readonly byte[] _key;
    private readonly TimeProvider _time;

    public CallerContextSigner(IOptions<PlatformSecrets> secrets, TimeProvider time)
    {
        _key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Encoding.UTF8.GetBytes(secrets.Value.ContextSigningKey!),
            32,
            info: "validonx/caller-context/v1"u8.ToArray());
        _time = time;
    }

    /// <summary>The header's value.</summary>
    public string Sign(CallerContext context)
    {
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(context, CallerContextJson.Default.CallerContext));
        Span<byte> mac = stackalloc byte[32];
        HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(payload), mac);
        return $"{payload}.{Base64Url.EncodeToString(mac)}";
    }

    /// <summary>Reads a header; <see langword="null"/> when it is absent, forged, damaged or expired.</summary>
    public CallerContext? Verify(string? header)
    {
        if (header is null || header.Length is <= MacLength + 1 or > MaximumLength || header[^(MacLength + 1)] != '.')
        {
            return null;
        }

        var payload = header.AsSpan(0, header.Length - MacLength - 1);
        Span<byte> given = stackalloc byte[32];
        Span<byte> mac = stackalloc byte[32];
        Span<byte> ascii = stackalloc byte[MaximumLength];
        if (!Ascii.IsValid(header)
            // The decoder returns false for a small target only, and throws on anything that is no base64url.
            || !Base64Url.IsValid(header.AsSpan(header.Length - MacLength))
            || !Base64Url.TryDecodeFromChars(header.AsSpan(header.Length - MacLength), given, out var macBytes)
            || macBytes != mac.Length)
        {
            return null;
        }

        HMACSHA256.HashData(_key, ascii[..Encoding.ASCII.GetBytes(payload, ascii)], mac);
        if (!CryptographicOperations.FixedTimeEquals(given, mac))
        {
            return null;
        }

        var context = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(payload), CallerContextJson.Default.CallerContext);
        return context is not null && context.ExpiresAt > _time.GetUtcNow().ToUnixTimeSeconds() ? context : null;
    }
}
