using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What people do on every page.</summary>
internal static class Pages
{
    private static readonly Lazy<string> Scanner = new(() => new BundledAxeScriptProvider().GetScript());

    /// <summary>Signs in as an operator of one's own.</summary>
    public static async Task OperateAsync(this IPage page)
    {
        var who = await (await Stack.GetAsync()).NewOperatorAsync();
        await page.SignInAsync(who.Email, who.Password, isOperator: true);
    }

    /// <summary>Signs in, as an operator or as a vendor's member.</summary>
    public static async Task SignInAsync(this IPage page, string email, string password, bool isOperator = false)
    {
        await page.GotoAsync("/sign-in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByLabel(isOperator ? "an operator of the platform" : "a vendor").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        // That the page is loaded is seen by what it shows: under load the browser's word for it can pass unheard.
        await page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal), new() { WaitUntil = WaitUntilState.Commit });
    }

    /// <summary>Waits for a page's heading.</summary>
    public static Task SeeAsync(this IPage page, string heading) => Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true, Level = 1 })).ToBeVisibleAsync(new() { Timeout = 60_000 });

    /// <summary>Waits for a text.</summary>
    public static Task ReadAsync(this IPage page, string text) => Assertions.Expect(page.GetByText(text).First).ToBeVisibleAsync(new() { Timeout = 60_000 });

    /// <summary>Presses a button.</summary>
    public static Task PressAsync(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();

    /// <summary>Asks for a change that is asked for a second time.</summary>
    public static async Task PressTwiceAsync(this IPage page, string name, string sure)
    {
        await page.Locator("summary", new() { HasText = name }).First.ClickAsync();
        await page.PressAsync(sure);
    }

    /// <summary>Takes the picture that the documents show, where they are written anew (<c>VALIDONX_WRITE_DOCS=1</c>).</summary>
    public static async Task PictureAsync(this IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("VALIDONX_WRITE_DOCS") == "1")
        {
            await page.ScreenshotAsync(new() { Path = RepositoryFile.PathOf($"docs/images/{name}.png"), FullPage = true });
        }
    }

    /// <summary>What is wrong with a page in each of the windows and colors that it has to be good in. It is loaded once; what does not hang on either is looked for once.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(this IPage page)
    {
        List<string> faults = [.. await page.ScanAsync(360, ColorScheme.Light, """{ type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }""")];
        foreach (var (width, scheme) in new[] { (360, ColorScheme.Dark), (1440, ColorScheme.Dark), (1440, ColorScheme.Light) })
        {
            faults.AddRange(await page.ScanAsync(width, scheme, """{ type: "rule", values: ["color-contrast", "target-size"] }"""));
        }

        return faults;
    }

    /// <summary>What the browser complains of from now on: scripts that fail, files that are not there, what the page's own policy forbids.</summary>
    public static List<string> Complaints(this IPage page)
    {
        List<string> complaints = [];
        page.PageError += (_, error) => complaints.Add($"{page.Url}: {error}");
        page.Console += (_, line) =>
        {
            if (line.Type == "error")
            {
                complaints.Add($"{page.Url}: {line.Text}");
            }
        };
        return complaints;
    }

    /// <summary>Has the scanner in every page that is opened from now on.</summary>
    public static Task CanBeScannedAsync(this IPage page) => page.AddInitScriptAsync(Scanner.Value);

    /// <summary>Has no page read itself again from now on, as if nobody looked at it: one that does so while the next one is asked for says so as an error.</summary>
    public static Task StandsStillAsync(this IPage page) => page.AddInitScriptAsync("Object.defineProperty(document, 'hidden', { get: () => true })");

    /// <summary>What a scan by these rules finds, and what hangs out of the window.</summary>
    private static async Task<IReadOnlyList<string>> ScanAsync(this IPage page, int width, ColorScheme scheme, string rules)
    {
        await page.SetViewportSizeAsync(width, 900);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        var seen = await page.EvaluateAsync<JsonElement>(
            $$"""
            async () => {
              const { violations } = await axe.run(document, { runOnly: {{rules}}, resultTypes: ["violations"], elementRef: false });
              return { faults: violations.map((one) => `${one.impact} ${one.id} at ${one.nodes[0].html}`), wide: document.documentElement.scrollWidth };
            }
            """);
        var where = $"{page.Url} ({width}, {scheme})";
        List<string> faults = [.. seen.GetProperty("faults").EnumerateArray().Select(fault => $"{where}: {fault.GetString()}")];
        if (seen.GetProperty("wide").GetInt32() is var wide && wide > width)
        {
            faults.Add($"{where}: {wide} pixels wide");
        }

        return faults;
    }
}
