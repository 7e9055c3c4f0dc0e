using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ValidonX.LicensingApi.Offline;

/// <summary>JSON Web Signatures in their compact form (RFC 7515), with ES256 (RFC 7518 §3.4).</summary>
internal static class Jws
{
    /// <summary>The media type of one.</summary>
    public const string MediaType = "application/jwt";

    /// <summary>What is signed, as a header's <c>typ</c>: a verdict on a license.</summary>
    public const string Lease = "vx-lease+jwt";

    /// <summary>The content of a license file.</summary>
    public const string LicenseFile = "vx-license+jwt";

    /// <summary>A list of revocations.</summary>
    public const string Revocations = "vx-revocations+jwt";

    /// <summary>Signs claims.</summary>
    /// <param name="key">With this key.</param>
    /// <param name="type">The header's <c>typ</c>, so that nothing that was signed for one purpose serves another.</param>
    /// <param name="writeClaims">Writes the members of the claims.</param>
    public static string Sign(SigningKey key, string type, Action<Utf8JsonWriter> writeClaims) => Encoding.ASCII.GetString(SignToUtf8(key, type, writeClaims));

    /// <summary>The same as bytes, which are ASCII.</summary>
    /// <inheritdoc cref="Sign"/>
    public static byte[] SignToUtf8(SigningKey key, string type, Action<Utf8JsonWriter> writeClaims)
    {
        var claims = new ArrayBufferWriter<byte>(1_024);
        using (var writer = new Utf8JsonWriter(claims))
        {
            writer.WriteStartObject();
            writeClaims(writer);
            writer.WriteEndObject();
        }

        // Verdicts are signed many times a second: everything is written where it is to stand.
        ReadOnlySpan<byte> header = Encoding.UTF8.GetBytes($$"""{"alg":"ES256","kid":"{{key.Id}}","typ":"{{type}}"}""");
        var headerEnd = Base64Url.GetEncodedLength(header.Length);
        var signedEnd = headerEnd + 1 + Base64Url.GetEncodedLength(claims.WrittenCount);
        var jws = new byte[signedEnd + 1 + Base64Url.GetEncodedLength(SigningKey.SignatureBytes)];
        Span<byte> signature = stackalloc byte[SigningKey.SignatureBytes];
        Base64Url.EncodeToUtf8(header, jws);
        jws[headerEnd] = (byte)'.';
        Base64Url.EncodeToUtf8(claims.WrittenSpan, jws.AsSpan(headerEnd + 1));
        key.Sign(jws.AsSpan(0, signedEnd), signature);
        jws[signedEnd] = (byte)'.';
        Base64Url.EncodeToUtf8(signature, jws.AsSpan(signedEnd + 1));
        return jws;
    }
}
