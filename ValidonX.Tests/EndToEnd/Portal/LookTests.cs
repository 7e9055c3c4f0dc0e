using System.Text.RegularExpressions;
using ValidonX.Portal.Customers;
using ValidonX.Portal.Gateway;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>A tenant's colors: whatever they are, what has to be read can be (WCAG 2.2 AA).</summary>
public sealed partial class LookTests
{
    [Fact]
    public void Whatever_colors_a_tenant_picks_text_can_be_read()
    {
        var random = new Random(20261127);
        string[] edges = ["#000000", "#ffffff", "#777777", "#767676", "#ffff00", "#0000ff", "#808080"];
        for (var turn = 0; turn < 2_000; turn++)
        {
            string Color() => turn < edges.Length * edges.Length ? edges[random.Next(edges.Length)] : $"#{random.Next(0x1000000):x6}";
            var (primary, accent, paper) = (Color(), Color(), Color());
            var colors = Variable().Matches(Look.StyleSheet(new Branding("Acme", primary, accent, paper, null))).ToDictionary(one => one.Groups[1].Value, one => Read(one.Groups[2].Value));

            foreach (var text in new[] { "ink", "soft", "accent", "good", "bad", "busy" })
            {
                Assert.True(colors[text].Contrast(colors["paper"]) >= 4.5, $"--{text} {colors[text]} on {colors["paper"]}, made of {primary} and {paper}");
            }

            Assert.True(colors["on-accent"].Contrast(colors["accent"]) >= 4.5, $"{colors["on-accent"]} on {colors["accent"]}");
            Assert.All(new[] { "card", "good-paper", "bad-paper", "busy-paper" }, name => Assert.Equal(colors["paper"], colors[name]));
        }
    }

    [Fact]
    public void A_color_that_can_be_read_stays_as_it_is_and_what_is_none_is_not_written()
    {
        var sheet = Look.StyleSheet(new Branding("Acme", "#123456", "red; } body { display: none", "#ffffff", ".vx-branded h1 { color: #123456; }"));

        Assert.Contains("--accent: #123456;", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("display", sheet, StringComparison.Ordinal);
        Assert.EndsWith(".vx-branded h1 { color: #123456; }\n", sheet, StringComparison.Ordinal);
        Assert.Equal(21, Rgb.Black.Contrast(Rgb.White), 6);
    }

    private static Rgb Read(string text) => Rgb.TryParse(text, out var color) ? color : throw new FormatException(text);

    [GeneratedRegex("--([a-z-]+): (#[0-9a-f]{6});")]
    private static partial Regex Variable();
}
