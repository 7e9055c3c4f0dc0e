namespace ValidonX.Benchmarks.Reporting;

/// <summary>The figures of one contender over alternating rounds. What is quoted is the median, and ratios are made pair by pair.</summary>
internal sealed class Series(string name)
{
    private readonly List<double> _values = [];

    public string Name { get; } = name;

    public IReadOnlyList<double> Values => _values;

    public double Median => MedianOf(_values);

    public double Minimum => _values.Min();

    public double Maximum => _values.Max();

    public void Add(double value) => _values.Add(value);

    /// <summary>The median of the rounds' ratios to another contender, which ran in the same rounds.</summary>
    public double RatioTo(Series other) => MedianOf(_values.Zip(other._values, (mine, its) => mine / its));

    /// <summary>The middle value, or the mean of the two middle ones.</summary>
    public static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0
            ? double.NaN
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The value below which 95 % lie.</summary>
    public static double Percentile95(IEnumerable<double> values) => Percentile(values, 0.95);

    /// <summary>The value below which that part of them lies.</summary>
    public static double Percentile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(sorted.Length * part) - 1)];
    }
}
