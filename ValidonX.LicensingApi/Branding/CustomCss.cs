using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using ExCSS;

namespace ValidonX.LicensingApi.Branding;

/// <summary>
/// A tenant's own style sheet, which strangers' browsers will run. It is parsed, and what is stored is written anew from what was understood: rules for elements below
/// <see cref="Scope"/>, with properties that change how something looks and not where it is, whether it is seen or what is loaded. Whatever else is in it is told,
/// not dropped in silence.
/// </summary>
internal static partial class CustomCss
{
    /// <summary>Most characters.</summary>
    public const int Maximum = 20_000;

    /// <summary>The class of the element that the rules hold below.</summary>
    public const string Scope = ".vx-branded";

    private const int MaximumRules = 200;
    private const int MostTold = 10;

    private static readonly FrozenSet<string> Properties = FrozenSet.Create(
        StringComparer.Ordinal,
        "color", "background-color", "border", "border-color", "border-style", "border-width", "border-radius", "border-top", "border-right", "border-bottom", "border-left",
        "border-top-color", "border-right-color", "border-bottom-color", "border-left-color", "border-top-style", "border-right-style", "border-bottom-style", "border-left-style",
        "border-top-width", "border-right-width", "border-bottom-width", "border-left-width", "border-top-left-radius", "border-top-right-radius", "border-bottom-left-radius",
        "border-bottom-right-radius", "box-shadow", "font-family", "font-size", "font-style", "font-variant", "font-weight", "letter-spacing", "line-height", "margin", "margin-top", "margin-right",
        "margin-bottom", "margin-left", "max-width", "outline", "outline-color", "outline-style", "outline-width", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
        "text-align", "text-decoration", "text-decoration-color", "text-decoration-line", "text-decoration-style", "text-shadow", "text-transform", "word-spacing");

    private static readonly FrozenSet<string> Functions = FrozenSet.Create(StringComparer.Ordinal, "rgb", "rgba", "hsl", "hsla", "calc");

    /// <summary>The style sheet as it may be served.</summary>
    /// <param name="text">As it was sent.</param>
    /// <param name="problems">What is in it that must not be.</param>
    public static string? Clean(string text, out IReadOnlyList<string> problems)
    {
        var told = new List<string>();
        problems = told;
        var bare = Comment().Replace(text, " ");
        // Escapes spell forbidden words in allowed letters; a tag would end the element that the sheet stands in. Looked for in what was sent: a parser passes over what it
        // does not know, and browsers know more.
        if (bare.AsSpan().IndexOfAny("\\<@\0") >= 0)
        {
            told.Add(@"Must not contain \, < or @.");
        }

        foreach (var function in FunctionsOf().Matches(bare).Select(found => found.Groups[1].Value.ToLowerInvariant()).Where(name => !Functions.Contains(name)))
        {
            Tell($"Must not use '{Short(function)}()'.");
        }

        if (told.Count > 0)
        {
            return null;
        }

        var output = new StringBuilder(text.Length);
        if (Parse(bare) is not { } rules)
        {
            told.Add("Cannot be understood.");
            return null;
        }

        if (rules.Count > MaximumRules)
        {
            told.Add($"Must not have more than {MaximumRules} rules.");
            return null;
        }

        rules.ForEach(Write);

        return told.Count == 0 ? output.ToString() : null;

        void Write(Rule? rule)
        {
            if (rule is null)
            {
                Tell("Must only have rules such as 'h1 { color: #123456 }'.");
                return;
            }

            var selector = rule.Selector;
            if (!Selector().IsMatch(selector))
            {
                Tell($"Must only have selectors of elements, classes, ids and states, and not '{Short(selector)}'.");
                return;
            }

            var declarations = new StringBuilder();
            foreach (var (name, value, isImportant) in rule.Declarations)
            {
                if (!Properties.Contains(name))
                {
                    Tell($"Must not set '{Short(name)}'.");
                }
                else if (!IsPlain(value))
                {
                    Tell($"Must not set '{name}' to '{Short(value)}'.");
                }
                else
                {
                    declarations.Append(' ').Append(name).Append(": ").Append(value).Append(isImportant ? " !important;" : ";");
                }
            }

            if (declarations.Length > 0)
            {
                output.AppendJoin(", ", selector.Split(',').Select(Scoped)).Append(" {").Append(declarations).Append(" }\n");
            }
        }

        void Tell(string problem)
        {
            if (told.Count < MostTold && !told.Contains(problem, StringComparer.Ordinal))
            {
                told.Add(problem);
            }
        }
    }

    /// <summary>The rules, null for what is none; altogether <see langword="null"/> when the parser gives up, however it does so: what it is given is a stranger's.</summary>
    private static List<Rule?>? Parse(string text)
    {
        try
        {
            return
            [
                .. new StylesheetParser(includeUnknownRules: true, includeUnknownDeclarations: true, tolerateInvalidSelectors: false, tolerateInvalidValues: true).Parse(text).Children
                    .Select(node => node is IStyleRule rule
                        ? new Rule(rule.SelectorText, [.. rule.Style.Select(property => (property.Name.ToLowerInvariant(), property.Value, property.IsImportant))])
                        : null),
            ];
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>What was served may be sent again.</summary>
    private static string Scoped(string selector)
    {
        var one = selector.Trim();
        return one.StartsWith($"{Scope} ", StringComparison.Ordinal) ? one : $"{Scope} {one}";
    }

    private static bool IsPlain(string value) =>
        Value().IsMatch(value)
        && !value.Contains("/*", StringComparison.Ordinal)
        && value.Count(letter => letter == '"') % 2 == 0
        && value.Count(letter => letter == '\'') % 2 == 0
        && value.Count(letter => letter == '(') == value.Count(letter => letter == ')')
        && FunctionsOf().Matches(value).All(found => Functions.Contains(found.Groups[1].Value.ToLowerInvariant()));

    private static string Short(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    private sealed record Rule(string Selector, IReadOnlyList<(string Name, string Value, bool IsImportant)> Declarations);

    [GeneratedRegex(@"^[A-Za-z0-9_.#*:>+~, -]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Selector();

    [GeneratedRegex("""^[A-Za-z0-9_.#%,()'"+*/ -]+\z""", RegexOptions.CultureInvariant)]
    private static partial Regex Value();

    [GeneratedRegex(@"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/", RegexOptions.CultureInvariant)]
    private static partial Regex Comment();

    [GeneratedRegex(@"([A-Za-z0-9_-]*)\(", RegexOptions.CultureInvariant)]
    private static partial Regex FunctionsOf();
}
