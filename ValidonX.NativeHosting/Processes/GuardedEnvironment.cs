using System.Text.RegularExpressions;

namespace Aspire.Hosting.Processes;

/// <summary>Carries every environment variable past the guard's shell.</summary>
/// <remarks>
/// A POSIX shell hands on only variables whose names it could set itself: <c>services__licensing-api__http__0</c> would be lost. Such a
/// variable travels under another name, and <c>env</c> gives it its own back. Its value never stands on a command line, because <c>env -S</c>
/// itself fills in what the command line only names.
/// </remarks>
internal static partial class GuardedEnvironment
{
    private const string Prefix = "VALIDONX_GUARDED_";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex ShellName { get; }

    [GeneratedRegex("^[A-Za-z0-9_.:-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex CarriedName { get; }

    /// <summary>Renames the variables that the shell would drop, and returns the command that names them back.</summary>
    public static IReadOnlyList<string> Carry(IDictionary<string, string?> environment)
    {
        var lost = environment.Where(variable => !ShellName.IsMatch(variable.Key) && CarriedName.IsMatch(variable.Key)).ToArray();
        if (lost.Length == 0)
            return [];

        var words = new List<string>();
        for (var i = 0; i < lost.Length; i++)
        {
            environment.Remove(lost[i].Key);
            environment[$"{Prefix}{i}"] = lost[i].Value;
            words.Add($"-u {Prefix}{i}");
        }

        words.AddRange(lost.Select((variable, i) => $"{variable.Key}=${{{Prefix}{i}}}"));
        return ["env", "-S", string.Join(' ', words)];
    }
}
