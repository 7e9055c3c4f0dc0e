using System.Diagnostics;

namespace ValidonX.Tests.LicensingApi;

/// <summary>What an operator reads who starts the service without its configuration.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_start_without_configuration_tells_everything_that_is_missing_in_one_sentence_each()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "ValidonX.LicensingApi.dll"), "--urls=http://127.0.0.1:0", "--Operator:Password=short"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("ConnectionStrings__", StringComparison.Ordinal) || name.StartsWith("Secrets__", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var sentences = (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(78, process.ExitCode);
        Assert.Empty(await output);
        foreach (var name in new[] { "Secrets__ApiKeyPepper", "Secrets__ContextSigningKey", "Secrets__DataEncryptionKey", "Secrets__ServiceDatabasePassword", "ConnectionStrings__platform", "ConnectionStrings__redis" })
        {
            Assert.Single(sentences, sentence => sentence.Contains(name, StringComparison.Ordinal));
        }

        Assert.Single(sentences, sentence => sentence.StartsWith("Set both Operator:Email", StringComparison.Ordinal));
        Assert.Single(sentences, sentence => sentence.StartsWith("Operator:Password is shorter", StringComparison.Ordinal));
        Assert.Equal(8, sentences.Length);
    }
}
