using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What people do on every page.</summary>
internal static class Pages
{
    /// <summary>Signs in, as an operator or as a vendor's member.</summary>
    public static async Task SignInAsync(this IPage page, string email, string password, bool isOperator = false)
    {
        await page.GotoAsync("/sign-in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByLabel(isOperator ? "an operator of the platform" : "a vendor").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
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

    /// <summary>What a scan by WCAG 2.2 AA finds, and what hangs out of the window.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(this IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] } });
        List<string> faults = [.. result.Violations.Select(one => $"{page.Url}: {one.Impact} {one.Id} at {one.Nodes[0].Html}")];
        var (inner, outer) = (await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), page.ViewportSize!.Width);
        if (inner > outer)
        {
            faults.Add($"{page.Url}: {inner} pixels wide in a window of {outer}");
        }

        return faults;
    }
}
