using System.Diagnostics.CodeAnalysis;

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
}
