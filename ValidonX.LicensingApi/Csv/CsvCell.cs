using System.Text;

namespace ValidonX.LicensingApi.Csv;

/// <summary>Cells of comma-separated values (RFC 4180), safe to open in a spreadsheet: names and keys are chosen by strangers.</summary>
internal static class CsvCell
{
    /// <summary>What makes a spreadsheet take a cell for a formula.</summary>
    private const string FormulaStarts = "=+-@\t\r";

    /// <summary>A cell. What a spreadsheet would take for a formula is made a text by an apostrophe before it.</summary>
    public static string Write(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = FormulaStarts.Contains(text[0], StringComparison.Ordinal) || IsGuarded(text) ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : new StringBuilder(safe.Length + 8).Append('"').Append(safe.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').ToString();
    }

    /// <summary>A line of cells.</summary>
    public static string Line(IEnumerable<string?> cells) => string.Join(',', cells.Select(Write)) + "\r\n";

    /// <summary>The text that was meant by a cell: without the apostrophe that keeps it from being a formula.</summary>
    public static string Read(string cell) => IsGuarded(cell) ? cell[1..] : cell;

    /// <summary>Whether it begins as a guarded cell does, also when it is one that was guarded twice.</summary>
    private static bool IsGuarded(string text) => text.Length > 1 && text[0] == '\'' && (text[1] == '\'' || FormulaStarts.Contains(text[1], StringComparison.Ordinal));
}
