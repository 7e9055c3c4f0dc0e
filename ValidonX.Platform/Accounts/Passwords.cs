using System.Globalization;

namespace ValidonX.Platform.Accounts;

/// <summary>
/// What passwords must be like: long enough (and not so long that hashing one is work in itself), and not what is guessed first. No rules about kinds of
/// characters, which make passwords worse (NIST SP 800-63B).
/// </summary>
public static class Passwords
{
    /// <summary>Fewest characters of a new one.</summary>
    public const int MinimumLength = 12;

    /// <summary>Most characters.</summary>
    public const int MaximumLength = 1_024;

    private const int FewestDifferent = 5;

    /// <summary>A local part of fewer characters is in many a good password by chance.</summary>
    private const int ShortestLocalPart = 3;

    /// <summary>What is wrong with a new password, or <see langword="null"/>.</summary>
    /// <param name="password">The password.</param>
    /// <param name="email">Whose it is to be, where that is known.</param>
    public static string? ProblemOf(string password, EmailAddress? email = null)
    {
        if (password.Length < MinimumLength)
        {
            return string.Create(CultureInfo.InvariantCulture, $"Must have at least {MinimumLength} characters.");
        }

        if (password.Distinct().Count() < FewestDifferent || password.All(char.IsAsciiDigit) || CommonPasswords.Contains(password))
        {
            return "Is too easy to guess: it is, or is made of, a password that many people have.";
        }

        return email is { } address && address.LocalPart is { Length: >= ShortestLocalPart } local && password.Contains(local, StringComparison.OrdinalIgnoreCase)
            ? "Must not contain the e-mail address's part before the @."
            : null;
    }
}
