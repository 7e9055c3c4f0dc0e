using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>Names the subject of an issuer in a tenant: SHA-256 of the three. The same person has another one in every other tenant, and at every other issuer.</summary>
public readonly record struct SubjectKey(string Hex) : ISpanParsable<SubjectKey>
{
    private const int Characters = 64;

    /// <summary>The key of a subject.</summary>
    public static SubjectKey Of(Guid tenantId, string issuer, string subject) =>
        // Neither has a line feed in it.
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenantId:N}\n{issuer}\n{subject}"))));

    /// <summary>What is stored.</summary>
    public byte[] ToArray() => Convert.FromHexString(Hex);

    /// <inheritdoc/>
    public override string ToString() => Hex;

    /// <inheritdoc/>
    public static SubjectKey Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var key) ? key : throw new FormatException();

    /// <inheritdoc/>
    public static SubjectKey Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString(), provider);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SubjectKey result)
    {
        result = new(s ?? "");
        return s is { Length: Characters } && s.All(char.IsAsciiHexDigitLower);
    }

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out SubjectKey result) => TryParse(s.ToString(), provider, out result);
}
