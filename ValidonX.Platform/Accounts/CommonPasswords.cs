using System.Collections.Frozen;

namespace ValidonX.Platform.Accounts;

/// <summary>Passwords that many people have, hence those that are tried first. Some six thousand, in the file beside this one.</summary>
internal static class CommonPasswords
{
    /// <summary>Fewer characters left of a password than this say nothing about it.</summary>
    private const int ShortestCore = 4;

    private static readonly Lazy<FrozenSet<string>> Known = new(Load);

    /// <summary>
    /// Whether a password is one of them, in any case: as it is, several times over, or with digits and signs around it, which is how people make a short one long enough.
    /// </summary>
    public static bool Contains(string password)
    {
        var lower = password.ToLowerInvariant();
        return IsKnown(lower) || IsKnown(RepeatedPart(lower)) || IsKnown(RepeatedPart(Core(lower)));
    }

    private static bool IsKnown(string text) => text.Length >= ShortestCore && Known.Value.Contains(text);

    /// <summary>What is left without digits and signs at both ends.</summary>
    private static string Core(string text)
    {
        var start = text.AsSpan().IndexOfAnyInRange('a', 'z');
        return start < 0 ? "" : text[start..(text.AsSpan().LastIndexOfAnyInRange('a', 'z') + 1)];
    }

    /// <summary>The part that the text is made of by repetition, or the text itself.</summary>
    private static string RepeatedPart(string text)
    {
        // A text is made of its first n characters exactly when it is found in its own double at n.
        var period = text.Length == 0 ? 0 : (text + text).IndexOf(text, 1, StringComparison.Ordinal);
        return text[..period];
    }

    private static FrozenSet<string> Load()
    {
        using var reader = new StreamReader(typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        return reader.ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line[0] != '#')
            .ToFrozenSet(StringComparer.Ordinal);
    }
}
