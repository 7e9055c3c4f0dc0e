using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>
/// A tenant's colors as the portal's style sheet takes them. Whatever colors a tenant picks, what has to be read can be: text is black or white, and a color that would be too near to the
/// background gets as much of that as it takes (WCAG 2.2 AA). The tenant's own CSS, which the API has cleaned and which holds below <c>.vx-branded</c> only, comes last.
/// </summary>
internal static class Look
{
    private static readonly Rgb Good = new(0x0d, 0x6b, 0x3d);
    private static readonly Rgb Bad = new(0xad, 0x1a, 0x2b);
    private static readonly Rgb Busy = new(0x7a, 0x4a, 0x00);

    /// <summary>The style sheet.</summary>
    /// <param name="look">The tenant's look; null for none.</param>
    public static string StyleSheet(Branding? look)
    {
        var (paper, accent, second) = Palette.Of(look);
        var ink = paper.Ink;
        var (good, bad, busy) = (Good.ReadableOn(paper), Bad.ReadableOn(paper), Busy.ReadableOn(paper));

        // The selector is stronger than those of light and dark: a tenant's pages are as the tenant says.
        return $$"""
            :root:root:root {
              color-scheme: {{(ink == Rgb.Black ? "light" : "dark")}};
              --ink: {{ink}}; --soft: {{ink.With(paper, 0.3).ReadableOn(paper)}}; --paper: {{paper}}; --card: {{paper}}; --edge: {{ink.With(paper, 0.6)}};
              --accent: {{accent}}; --on-accent: {{accent.Ink}}; --second: {{second}};
              --good: {{good}}; --good-paper: {{paper}}; --bad: {{bad}}; --bad-paper: {{paper}}; --busy: {{busy}}; --busy-paper: {{paper}};
            }
            .branded-top { border-bottom: 3px solid var(--second); }
            {{look?.CustomCss}}

            """;
    }
}
