using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Platform.Tenants;

/// <summary>A tenant's short name: 3–40 of <c>a-z 0-9 -</c>, not beginning or ending with a hyphen (CONTRACT §6.1).</summary>
public readonly record struct TenantSlug
{
    /// <summary>Fewest characters.</summary>
    public const int MinimumLength = 3;

    /// <summary>Most characters.</summary>
    public const int MaximumLength = 40;

    // U+00C0 to U+017F. Services run without culture data, where the runtime cannot take letters apart.
    private const char FirstAccented = '\u00C0';
    private const string WithoutAccent =
        "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg"
        + "gggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    private TenantSlug(string value) => Value = value;

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>Accepts a slug as given by a caller or read from a row.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out TenantSlug slug)
    {
        slug = default;
        if (value is null || value.Length is < MinimumLength or > MaximumLength || value[0] == '-' || value[^1] == '-')
        {
            return false;
        }

        foreach (var c in value)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        slug = new TenantSlug(value);
        return true;
    }

    /// <summary>Accepts a stored slug.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static TenantSlug Parse(string value) =>
        TryParse(value, out var slug) ? slug : throw new FormatException("Not a tenant's slug.");

    /// <summary>
    /// Makes a slug from a name: letters without accents, everything else a hyphen. A name without Latin letters or digits
    /// gives <c>tenant-</c> and random characters.
    /// </summary>
    public static TenantSlug FromName(string name)
    {
        var text = new StringBuilder(MaximumLength);
        foreach (var c in name)
        {
            var letter = c is >= FirstAccented and < (char)(FirstAccented + 192) ? WithoutAccent[c - FirstAccented] : c;
            if (char.IsAsciiLetterOrDigit(letter))
            {
                text.Append(char.ToLowerInvariant(letter));
            }
            else if (text.Length > 0 && text[^1] != '-' && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            {
                text.Append('-');
            }
        }

        var slug = text.ToString();
        slug = slug[..Math.Min(slug.Length, MaximumLength)].Trim('-');
        return TryParse(slug, out var made)
            ? made
            : new TenantSlug($"tenant-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 8)}");
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
