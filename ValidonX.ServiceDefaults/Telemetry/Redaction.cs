using System.Buffers;
using System.Text.RegularExpressions;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Takes out of a text what must not leave the process: API keys, bearer tokens, license keys in paths and in our own form, passwords,
/// e-mail addresses, and the values that a database quotes in its errors. Our own messages hold none of these; texts of libraries may.
/// </summary>
public static partial class Redaction
{
    private const string Hidden = "[redacted]";

    // What each of the patterns needs; most texts hold none of it and cost one pass.
    private static readonly SearchValues<string> Suspicious = SearchValues.Create(
        ["vx", "whsec_", "@", "%40", "|", "%7C", "/licenses/", "pwd", "password", "secret", "bearer", "key", "token", "-"],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>The text without them; the same instance when it holds none.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAny(Suspicious))
        {
            return text;
        }

        text = Credentials().Replace(text, Hidden);
        text = NamedSecrets().Replace(text, "$1" + Hidden);
        text = LicensePaths().Replace(text, Hidden);
        text = OwnLicenseKeys().Replace(text, Hidden);
        return Emails().Replace(text, Hidden);
    }

    /// <summary>An exception's text, from which quoted values go too: a database quotes the value that was a duplicate or too long.</summary>
    public static string ExceptionText(string text) => Text(QuotedValues().Replace(text, "'?'"));

    /// <summary>SQL with a <c>?</c> for each literal. Our statements have parameters; a few that define accounts cannot.</summary>
    public static string Sql(string text) => SqlLiterals().Replace(text, "?");

    [GeneratedRegex("""(?:vx[a-z]?_|whsec_)[A-Za-z0-9+/=_-]{8,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\||%7C)[^\s"'&]+""", RegexOptions.IgnoreCase)]
    private static partial Regex Credentials();

    [GeneratedRegex("""((?:(?:pwd|password|secret|api[-_]?key|token)["']?\s*[=:]|bearer)\s*["']?)[^\s"';,&]+""", RegexOptions.IgnoreCase)]
    private static partial Regex NamedSecrets();

    [GeneratedRegex("""(?<=/integration/licenses/)[^\s"'<>]+?(?=/validate|[\s"'?#]|$)""", RegexOptions.IgnoreCase)]
    private static partial Regex LicensePaths();

    [GeneratedRegex("""\b(?:[A-Z0-9]{1,16}-)?[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b""")]
    private static partial Regex OwnLicenseKeys();

    [GeneratedRegex("""[A-Z0-9.!#$%&*+/=?^_`{|}~-]+(?:@|%40)[A-Z0-9-]+(?:\.[A-Z0-9-]+)+""", RegexOptions.IgnoreCase)]
    private static partial Regex Emails();

    [GeneratedRegex("""'(?:[^'\\\r\n]|\\.|'')*'""")]
    private static partial Regex QuotedValues();

    [GeneratedRegex("""'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?|\b0x[0-9A-Fa-f]+\b|(?<![\w`@])\d+(?:\.\d+)?\b""")]
    private static partial Regex SqlLiterals();
}
