using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ValidonX.Portal.Customers;

/// <summary>A color of the sRGB space.</summary>
internal readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    public static Rgb Black { get; } = new(0, 0, 0);

    public static Rgb White { get; } = new(255, 255, 255);

    /// <summary>How much brighter the brighter one of two is (WCAG 2.2, "contrast ratio"): from 1 to 21.</summary>
    public double Contrast(Rgb other)
    {
        var (a, b) = (Luminance, other.Luminance);
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>Black or white, whichever can be read better on it; one of them always has a contrast of more than 4.5.</summary>
    public Rgb Ink => Contrast(Black) >= Contrast(White) ? Black : White;

    /// <summary>This color, with so much of another one in it.</summary>
    public Rgb With(Rgb other, double share) => new(Mix(Red, other.Red, share), Mix(Green, other.Green, share), Mix(Blue, other.Blue, share));

    /// <summary>This color if it can be read on the paper, else as much of the paper's ink in it as it takes.</summary>
    public Rgb ReadableOn(Rgb paper)
    {
        const double Least = 4.5;
        const int Steps = 50;
        for (var step = 0; step < Steps; step++)
        {
            if (With(paper.Ink, (double)step / Steps) is var mixed && mixed.Contrast(paper) >= Least)
            {
                return mixed;
            }
        }

        return paper.Ink;
    }

    /// <summary>Reads <c>#2563eb</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Rgb color)
    {
        color = default;
        if (text is not ['#', ..] || text.Length != 7 || !int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits))
        {
            return false;
        }

        color = new((byte)(bits >> 16), (byte)(bits >> 8), (byte)bits);
        return true;
    }

    /// <summary>As CSS has it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{Red:x2}{Green:x2}{Blue:x2}");

    private double Luminance => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    private static double Linear(byte part) => part / 255.0 is var value && value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);

    private static byte Mix(byte part, byte other, double share) => (byte)Math.Round(part + ((other - part) * share));
}
