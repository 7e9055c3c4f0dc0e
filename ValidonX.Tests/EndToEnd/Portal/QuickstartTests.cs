using System.Diagnostics;
using ValidonX.Hosting.Servers;
using ValidonX.Portal.Pages.Vendors;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>The first call that a vendor makes is the one that the quickstart shows.</summary>
public sealed class QuickstartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("curl")]
    [InlineData("C#")]
    [InlineData("JavaScript")]
    [InlineData("Python")]
    public async Task The_quickstart_does_what_it_says(string language)
    {
        var stack = await Stack.GetAsync();
        var snippet = Snippets.For(stack.Gateways[0].BaseAddress!.ToString()).Single(one => one.Language == language);
        var command = snippet.Command.Split(' ');
        Assert.SkipUnless(SearchPath.Find(command[0]) is not null, $"There is no {command[0]} here.");
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { key = $"ACME/{Guid.NewGuid():N}"[..20].Replace('/', '-') });
        var folder = Directory.CreateTempSubdirectory("validonx-quickstart-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, snippet.File), snippet.Code, Cancellation);
            var (said, complained) = await RunAsync(command, folder.FullName, tenant.ApiKey, license.Key);
            Assert.True(System.Text.RegularExpressions.Regex.IsMatch(said, "\"valid\": ?true"), $"{said}\n{complained}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(string Said, string Complained)> RunAsync(string[] command, string folder, string apiKey, string license)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // What is built for it goes with the folder.
            Environment = { ["VALIDONX_KEY"] = apiKey, ["VALIDONX_LICENSE"] = license, ["XDG_DATA_HOME"] = folder },
        };
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (await said, await complained);
    }
}
