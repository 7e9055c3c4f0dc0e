using Microsoft.Playwright;
using Spectre.Console;
using ValidonX.Benchmarks.Reporting;
using ValidonX.Tests.EndToEnd.Portal;

namespace ValidonX.Benchmarks.Pages;

/// <summary>When Chromium paints the first of a page, each time in a window of somebody who was never there.</summary>
internal static class PaintBenchmark
{
    private const int Loads = 7;
    private const int Aim = 1_000;

    /// <summary>Runs it and prints the table; without Chromium it says so.</summary>
    public static async Task RunAsync(Uri portal, IReadOnlyList<(string Path, PortalSession? Session)> pages)
    {
        if (Chromium.Program is null)
        {
            AnsiConsole.MarkupLine("There is no Chromium here (VALIDONX_CHROMIUM names one): nothing is painted.");
            return;
        }

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Program, Args = ["--no-sandbox", "--disable-gpu"] });
        var table = new Table().Title($"First contentful paint, {Figure.Text(Loads)} first visits each, milliseconds")
            .AddColumn("page").AddColumn(new TableColumn("median").RightAligned()).AddColumn(new TableColumn("slowest").RightAligned()).AddColumn(new TableColumn("KiB transferred").RightAligned());
        var isMet = true;
        foreach (var (path, session) in pages)
        {
            var (paints, bytes) = (new Series(path), 0.0);
            for (var load = -1; load < Loads; load++)
            {
                await using var context = await browser.NewContextAsync(new() { BaseURL = portal.ToString() });
                if (session is not null)
                {
                    await context.AddCookiesAsync(session.Cookies.Select(cookie => new Microsoft.Playwright.Cookie { Name = cookie.Name, Value = cookie.Value, Url = portal.ToString() }));
                }

                var page = await context.NewPageAsync();
                await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
                var paint = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
                bytes = await page.EvaluateAsync<double>("performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, one) => sum + one.transferSize, 0)");
                // The first of each warms the browser up.
                if (load >= 0)
                {
                    paints.Add(paint);
                }
            }

            isMet &= paints.Median <= Aim;
            table.AddRow(path, Figure.Text(paints.Median, "0"), Figure.Text(paints.Maximum, "0"), Figure.Text(bytes / 1024, "0"));
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(isMet ? $"Aim met: painted within {Aim} ms." : $"Aim missed: painted within {Aim} ms.");
    }
}
