using System.Text.RegularExpressions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The rule for resource names, which also become environment variable, folder and host names.</summary>
internal static partial class ResourceName
{
    private const int MaxLength = 64;

    public static readonly StringComparer Comparer = StringComparer.OrdinalIgnoreCase;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }

    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > MaxLength || !Form.IsMatch(name))
        {
            throw new ArgumentException(
                $"Resource name '{name}' is invalid: use at most {MaxLength} ASCII letters, digits and single hyphens, starting with a letter.",
                nameof(name));
        }
    }

    /// <summary>The name as the stem of environment variables: upper case, everything else than letters and digits an underscore.</summary>
    public static string ToVariableStem(string name) =>
        string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(source[i]) ? char.ToUpperInvariant(source[i]) : '_';
            }
        });
}
