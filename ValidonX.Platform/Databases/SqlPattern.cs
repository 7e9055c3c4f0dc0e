namespace ValidonX.Platform.Databases;

/// <summary>Patterns for <c>LIKE</c> from what a caller searches for.</summary>
public static class SqlPattern
{
    /// <summary>Matches whatever contains the text; its own <c>%</c>, <c>_</c> and <c>\</c> mean themselves.</summary>
    public static string Containing(string text) =>
        $"%{Escape(text)}%";

    /// <summary>Matches whatever begins with the text; its own <c>%</c>, <c>_</c> and <c>\</c> mean themselves.</summary>
    public static string StartingWith(string text) => $"{Escape(text)}%";

    private static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
