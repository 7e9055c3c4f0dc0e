using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ValidonX.Platform.Accounts;

/// <summary>A domain name in its one canonical form: lower-case A-labels.</summary>
internal static class DomainLabels
{
    private const int MaximumLabelLength = 63;
    private const string AcePrefix = "xn--";

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>Brings a name into that form; how many labels it has and how long it is altogether is for the caller to judge.</summary>
    public static bool TryCanonicalize(ReadOnlySpan<char> domain, [NotNullWhen(true)] out string? canonical)
    {
        canonical = null;
        var labels = new List<string>();
        foreach (var range in domain.Split('.'))
        {
            if (Canonicalize(domain[range].ToString()) is not { Length: > 0 and <= MaximumLabelLength } label)
            {
                return false;
            }

            labels.Add(label);
        }

        canonical = string.Join('.', labels);
        return true;
    }

    private static string? Canonicalize(string label)
    {
        if (!System.Text.Ascii.IsValid(label))
        {
            return label.All(HasOneForm) ? ToAscii(label.ToLowerInvariant()) : null;
        }

        var lower = label.ToLowerInvariant();
        return lower.StartsWith('-') || lower.EndsWith('-') || !lower.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? null
            : !lower.StartsWith(AcePrefix, StringComparison.Ordinal) || IsEncoded(lower) ? lower : null;
    }

    /// <summary>Whether what claims to be Punycode is, and is spelled as an encoder spells it.</summary>
    private static bool IsEncoded(string label)
    {
        try
        {
            return Idn.GetUnicode(label) is var decoded && !System.Text.Ascii.IsValid(decoded) && ToAscii(decoded) == label;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string? ToAscii(string label)
    {
        try
        {
            return Idn.GetAscii(label);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// Services run without culture data, where the runtime cannot normalize. So a label with characters of the kinds that normalization
    /// changes (accents of their own, ligatures and compatibility forms, conjoining Hangul, capitals without a simple lower case) is refused
    /// rather than made a second form of the same name; its owner writes the A-label.
    /// </summary>
    private static bool HasOneForm(char c) =>
        c is '-' || char.IsAsciiLetterOrDigit(c)
        || (c >= '\u00C0'
            && c is not ('\u0132' or '\u0133' or '\u013F' or '\u0140' or '\u0149' or '\u017F' or >= '\u01C4' and <= '\u01CC' or >= '\u01F1' and <= '\u01F3'
                or >= '\u0300' and <= '\u036F' or >= '\u1100' and <= '\u11FF' or >= '\u1E9E' and <= '\u1E9F' or >= '\u1F00' and <= '\u1FFF'
                or >= '\u2000' and <= '\u2BFF' or >= '\u3130' and <= '\u318F' or >= '\uA960' and <= '\uA97F' or >= '\uD7B0' and <= '\uD7FF'
                or >= '\uF900' and <= '\uFFFF')
            && char.GetUnicodeCategory(char.ToLowerInvariant(c))
                is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
}
