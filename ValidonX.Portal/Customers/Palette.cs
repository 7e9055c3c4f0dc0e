using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>A tenant's colors as its customers see them: those that it picked, and where one could not be read, as much of the ink in it as it takes.</summary>
/// <param name="Paper">What is behind everything.</param>
/// <param name="Accent">Buttons and links.</param>
/// <param name="Second">What stands out.</param>
internal readonly record struct Palette(Rgb Paper, Rgb Accent, Rgb Second)
{
    private static readonly Rgb Neutral = new(0x25, 0x63, 0xeb);

    /// <summary>The colors of a look; null for none.</summary>
    public static Palette Of(Branding? look)
    {
        var paper = Rgb.TryParse(look?.BackgroundColor, out var background) ? background : Rgb.White;
        var accent = (Rgb.TryParse(look?.PrimaryColor, out var primary) ? primary : Neutral).ReadableOn(paper);
        return new(paper, accent, Rgb.TryParse(look?.AccentColor, out var other) ? other : accent);
    }
}
