using Microsoft.Playwright;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>A real browser for the tests of the pages: Chromium, where the machine has it.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Program is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium.Program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A window of somebody who has never been here.</summary>
    internal async Task<IPage> OpenAsync()
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium here.");
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = (await Stack.GetAsync()).Portal.ToString(),
            ViewportSize = new() { Width = 1440, Height = 900 },
            ColorScheme = ColorScheme.Light,
            // Beside the rest of the suite a page may take its time.
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        return await context.NewPageAsync();
    }
}
