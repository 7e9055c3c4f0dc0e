using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ValidonX.Platform.Accounts;

/// <summary>
/// An e-mail address that names an account, in its one canonical form (CONTRACT §9): without blanks around it, all in lower case, an ASCII local
/// part (dot-atom of RFC 5321), the domain as lower-case A-labels. Two addresses are one account exactly when their values are equal.
/// </summary>
public readonly record struct EmailAddress
{
    /// <summary>Most characters.</summary>
    public const int MaximumLength = 254;

    private const int MaximumLocalLength = 64;
    private const string SpecialsInAtoms = "!#$%&'*+-/=?^_`{|}~";

    private EmailAddress(string value) => Value = value;

    /// <summary>The canonical form.</summary>
    public string Value { get; }

    /// <summary>The part before the <c>@</c>.</summary>
    public string LocalPart => Value[..Value.LastIndexOf('@')];

    /// <summary>Accepts an address in any of its spellings.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EmailAddress address)
    {
        address = default;
        // A text of many more characters than the canonical form has cannot become one, and is not worth the work.
        if (text is null || text.Length > 4 * MaximumLength)
        {
            return false;
        }

        var trimmed = text.AsSpan().Trim();
        var at = trimmed.LastIndexOf('@');
        if (at < 1 || at > MaximumLocalLength || !IsDotAtom(trimmed[..at]) || !DomainLabels.TryCanonicalize(trimmed[(at + 1)..], out var domain))
        {
            return false;
        }

        // The local part is ASCII here: a letter of another alphabet whose lower case is ASCII has not come this far.
        var value = string.Concat(trimmed[..at].ToString().ToLowerInvariant(), "@", domain);
        if (value.Length > MaximumLength)
        {
            return false;
        }

        address = new EmailAddress(value);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsDotAtom(ReadOnlySpan<char> local)
    {
        var previous = '.';
        foreach (var c in local)
        {
            if (c == '.' ? previous == '.' : !char.IsAsciiLetterOrDigit(c) && !SpecialsInAtoms.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }

            previous = c;
        }

        return previous != '.';
    }

    /// <summary>The part behind the <c>@</c>.</summary>
    private static class DomainLabels
    {
        private const int MaximumLabelLength = 63;
        private const string AcePrefix = "xn--";

        private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

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
}
