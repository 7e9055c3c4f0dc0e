using System.Diagnostics;
using System.Globalization;
using ValidonX.Samples;

namespace ValidonX.Tests.Provisioner.Webhooks;

/// <summary>The code that the documentation gives to receivers takes a real delivery for what it is, and nothing else.</summary>
public sealed class VerificationSampleTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CSharp()
    {
        var (received, endpoint) = await DeliverAsync();

        Assert.True(IsAuthentic(received, endpoint.Keys.Secret));
        Assert.False(IsAuthentic(received with { Body = received.Body + " " }, endpoint.Keys.Secret));
        Assert.False(IsAuthentic(received, ValidonX.Platform.Webhooks.WebhookKeys.Create().Secret));
        Assert.False(IsAuthentic(received, endpoint.Keys.Secret, DateTimeOffset.UtcNow.AddMinutes(10)));

        static bool IsAuthentic(Received received, string secret, DateTimeOffset? now = null) => WebhookVerifier.IsAuthentic(
            secret,
            received.Headers["webhook-id"],
            received.Headers["webhook-timestamp"],
            received.Headers["webhook-signature"],
            System.Text.Encoding.UTF8.GetBytes(received.Body),
            now ?? DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData("node", "verify.js")]
    [InlineData("python3", "verify.py")]
    [InlineData("bash", "verify.sh")]
    public async Task Other_languages(string interpreter, string file)
    {
        if (!await RunsAsync(interpreter) || (interpreter == "bash" && !await RunsAsync("openssl", "version")))
        {
            Assert.Skip($"There is no {interpreter} (with what the sample needs) on this machine.");
        }

        var (received, endpoint) = await DeliverAsync();

        Assert.Equal("authentic", await VerifyAsync(received, endpoint.Keys.Secret, endpoint.Keys.PublicKey));
        Assert.Equal("not authentic", await VerifyAsync(received with { Body = received.Body + " " }, endpoint.Keys.Secret, endpoint.Keys.PublicKey));
        Assert.Equal("not authentic", await VerifyAsync(received, ValidonX.Platform.Webhooks.WebhookKeys.Create().Secret, endpoint.Keys.PublicKey));
        var old = new Dictionary<string, string>(received.Headers, StringComparer.Ordinal)
        {
            ["webhook-timestamp"] = (long.Parse(received.Headers["webhook-timestamp"], CultureInfo.InvariantCulture) - 1_000).ToString(CultureInfo.InvariantCulture),
        };
        Assert.Equal("not authentic", await VerifyAsync(received with { Headers = old }, endpoint.Keys.Secret, endpoint.Keys.PublicKey));

        async Task<string> VerifyAsync(Received what, string secret, string publicKey)
        {
            var start = new ProcessStartInfo(interpreter)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList = { RepositoryFile.PathOf($"samples/webhooks/{file}"), what.Id, what.Headers["webhook-timestamp"], what.Headers["webhook-signature"] },
                Environment = { ["WEBHOOK_SECRET"] = secret, ["WEBHOOK_PUBLIC_KEY"] = publicKey },
            };
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(Cancellation);
            try
            {
                await process.StandardInput.WriteAsync(what.Body);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // What is too old is refused before its body is read.
            }

            var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            Assert.True((process.ExitCode == 0) == (output.Trim() == "authentic"), await error);
            return output.Trim();
        }
    }

    [Fact]
    public void The_page_shows_the_samples_as_they_are()
    {
        var page = RepositoryFile.Read("docs/webhooks.md");
        foreach (var file in new[] { "WebhookVerifier.cs", "verify.js", "verify.py", "verify.sh" })
        {
            Assert.Contains($"(../samples/webhooks/{file})", page, StringComparison.Ordinal);
        }

        Assert.Contains(RepositoryFile.Read("samples/webhooks/verify.py").Trim(), page, StringComparison.Ordinal);
        Assert.Contains(RepositoryFile.Read("samples/webhooks/verify.js").Trim(), page, StringComparison.Ordinal);
        foreach (var type in ValidonX.Platform.Webhooks.WebhookTypes.All)
        {
            Assert.Contains($"\"type\":\"{type}\"", page, StringComparison.Ordinal);
        }
    }

    private static async Task<bool> RunsAsync(string program, string argument = "--version")
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true, RedirectStandardError = true });
            await process!.WaitForExitAsync(Cancellation);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private async Task<(Received Received, TestEndpoint Endpoint)> DeliverAsync()
    {
        await using var receiver = await Receiver.StartAsync();
        using var worker = await fixture.StartWorkerHereAsync(observer: null, ("Webhooks:AllowLoopback", "true"), ("Provisioner:Webhooks:Poll", "00:00:00.050"));
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);
        await endpoint.HappenAsync();
        await endpoint.UntilAsync("succeeded");
        await worker.StopAsync(Cancellation);
        return (Assert.Single(receiver.All), endpoint);
    }
}
