using ValidonX.LicensingApi.Branding;

namespace ValidonX.Tests.LicensingApi.Branding;

/// <summary>What a tenant may style, and what its style sheet can never do to who looks at its pages.</summary>
public sealed class CustomCssTests
{
    [Theory]
    [InlineData("h1 { color: red }", ".vx-branded h1 { color:")]
    [InlineData("h1, .card > a:hover { color: #123456; padding: 4px }", ".vx-branded h1, .vx-branded .card>a:hover {")]
    [InlineData("p { font-family: \"Open Sans\", sans-serif; line-height: 1.5 !important }", "!important")]
    [InlineData("/* a comment */ p { color: rgba(1, 2, 3, .5) }", "rgba(")]
    [InlineData("", "")]
    public void The_look_of_things_is_taken_and_holds_below_the_tenants_own_element(string css, string expected)
    {
        var cleaned = CustomCss.Clean(css, out var problems);

        Assert.Empty(problems);
        Assert.Contains(expected, cleaned, StringComparison.Ordinal);
        Assert.All(cleaned!.Split('\n', StringSplitOptions.RemoveEmptyEntries), rule => Assert.StartsWith(".vx-branded ", rule, StringComparison.Ordinal));
        Assert.Equal(cleaned, CustomCss.Clean(cleaned, out _));
    }

    [Theory]
    [InlineData("@import url(https://evil.example/x.css);")]
    [InlineData("@import 'https://evil.example/x.css';")]
    [InlineData("@font-face { font-family: x; src: url(https://evil.example/x) }")]
    [InlineData("@charset \"utf-7\"; p { color: red }")]
    [InlineData("@media screen { p { color: red } }")]
    [InlineData("@keyframes x { from { color: red } }")]
    [InlineData("@namespace url(http://www.w3.org/1999/xhtml);")]
    [InlineData("p { background: url(https://evil.example/x) }")]
    [InlineData("p { background-image: url(javascript:alert(1)) }")]
    [InlineData("p { color: expression(alert(1)) }")]
    [InlineData("p { behavior: url(x.htc) }")]
    [InlineData("p { -moz-binding: url(x) }")]
    [InlineData("p { position: fixed; top: 0 }")]
    [InlineData("p { display: none }")]
    [InlineData("p { opacity: 0 }")]
    [InlineData("p { content: 'x' }")]
    [InlineData("p::before { content: attr(value) }")]
    [InlineData("p { --x: red }")]
    [InlineData("p { color: var(--x) }")]
    [InlineData("input[value^=a] { color: red }")]
    [InlineData("p:not(.a, .b) { color: red }")]
    [InlineData("p { color: r\\65 d }")]
    [InlineData("@\\69mport 'x';")]
    [InlineData("</style><script>alert(1)</script>")]
    [InlineData("p { color: red } <!-- --> p { color: blue }")]
    [InlineData("p { font-family: \"</style>\" }")]
    public void What_loads_moves_hides_or_escapes_is_refused_and_told(string css)
    {
        Assert.Null(CustomCss.Clean(css, out var problems));
        Assert.NotEmpty(problems);
    }

    [Fact]
    public void Whatever_is_sent_becomes_whole_scoped_rules_or_is_refused()
    {
        string[] pieces = ["p", ".a", "#b", "{", "}", ":", ";", ",", " ", "color", "red", "#123", "\"", "'", "(", ")", "rgb(1,2,3)", "/*", "*/", "!important", "\n", "1px", "%", "font-family", ">", "*", "[x]", "é"];
        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var css = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (CustomCss.Clean(css, out _) is { } cleaned)
            {
                Assert.All(cleaned.Split('\n', StringSplitOptions.RemoveEmptyEntries), rule => Assert.Matches("^(\\.vx-branded [^{}<@\\\\]+)(, \\.vx-branded [^{}<@\\\\]+)* \\{[^{}<@\\\\]*\\}$", rule));
            }
        }
    }

    [Theory]
    [InlineData("p { color: red")]
    [InlineData("p { color: }")]
    [InlineData("}}}} p { color: red }")]
    [InlineData("{{{{")]
    [InlineData("p { color: red; } } body { color: blue }")]
    [InlineData(",,, { color: red }")]
    [InlineData("p { color: 'a\nb' }")]
    [InlineData("p { font-family: \"unclosed }")]
    public void What_is_broken_is_refused_or_becomes_whole_rules(string css)
    {
        var cleaned = CustomCss.Clean(css, out _);

        foreach (var rule in (cleaned ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Matches("^\\.vx-branded [^{}]+ \\{[^{}]*\\}$", rule);
            Assert.Equal(0, rule.Count(letter => letter == '"') % 2);
            Assert.Equal(0, rule.Count(letter => letter == '\'') % 2);
        }
    }
}
