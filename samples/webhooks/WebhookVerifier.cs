using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Samples;

/// <summary>Verifies a delivery with nothing but .NET's own library.</summary>
public static class WebhookVerifier
{
    private const string SecretPrefix = "whsec_";
    private const string SignaturePrefix = "v1,";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether the platform has sent this, just now.</summary>
    /// <param name="secret">The endpoint's secret.</param>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>.</param>
    /// <param name="signatures">The header <c>webhook-signature</c>.</param>
    /// <param name="body">The raw bytes, before any JSON parser had them.</param>
    /// <param name="now">The time.</param>
    public static bool IsAuthentic(string secret, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (id is null || signatures is null || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
        {
            return false;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = HMACSHA256.HashData(Convert.FromBase64String(secret[SecretPrefix.Length..]), signed);
        Span<byte> given = stackalloc byte[expected.Length];
        foreach (var signature in signatures.Split(' '))
        {
            if (signature.StartsWith(SignaturePrefix, StringComparison.Ordinal)
                && Convert.TryFromBase64String(signature[SignaturePrefix.Length..], given, out var length)
                && CryptographicOperations.FixedTimeEquals(given[..length], expected))
            {
                return true;
            }
        }

        return false;
    }
}
