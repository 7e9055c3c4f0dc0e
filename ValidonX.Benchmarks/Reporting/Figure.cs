using System.Globalization;

namespace ValidonX.Benchmarks.Reporting;

/// <summary>Numbers as the tables show them, the same in every locale.</summary>
internal static class Figure
{
    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
