using System.Diagnostics;

namespace ValidonX.Tests.ServiceDefaults;

/// <summary>What an operator reads who starts a service without its configuration: one sentence for each thing that is missing, and nothing else.</summary>
public sealed class StartTests
{
    private const int BadConfiguration = 78;
    private static readonly string[] Common = ["Secrets__ApiKeyPepper", "ConnectionStrings__platform", "ConnectionStrings__redis"];

    [Theory]
    [InlineData("ValidonX.Gateway", "Secrets__ContextSigningKey")]
    [InlineData(
        "ValidonX.Provisioner",
        "Secrets__DataEncryptionKey", "Secrets__ServiceDatabasePassword", "Secrets__GatewayDatabasePassword", "Secrets__ApiDatabasePassword", "DatabaseServers__AdminPassword", "DatabaseServers__0__Name")]
    [InlineData("ValidonX.LicensingApi", "Secrets__ContextSigningKey", "Secrets__DataEncryptionKey", "Secrets__ServiceDatabasePassword")]
    public async Task A_start_without_configuration_tells_everything_that_is_missing_in_one_sentence_each(string service, params string[] own)
    {
        var (exitCode, output, sentences) = await StartAsync(service);

        Assert.Equal(BadConfiguration, exitCode);
        Assert.Empty(output);
        foreach (var name in Common.Concat(own)) Assert.Single(sentences, sentence => sentence.Contains(name, StringComparison.Ordinal));
        Assert.Equal(Common.Length + own.Length, sentences.Length);
    }

    [Fact]
    public async Task Half_an_operator_account_and_a_short_password_are_told_like_what_is_missing()
    {
        var (exitCode, _, sentences) = await StartAsync("ValidonX.LicensingApi", "--Operator:Password=short");

        Assert.Equal(BadConfiguration, exitCode);
        Assert.Single(sentences, sentence => sentence.StartsWith("Set both Operator:Email", StringComparison.Ordinal));
        Assert.Single(sentences, sentence => sentence.StartsWith("Operator:Password is shorter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_would_leave_the_machine_in_the_clear_is_refused_at_the_start()
    {
        var (exitCode, _, sentences) = await StartAsync(
            "ValidonX.Gateway",
            "--ConnectionStrings:platform=Server=db.example;User ID=vx_gateway;Password=never-told;SslMode=Preferred",
            "--ConnectionStrings:redis=redis.example:6379,password=never-told");

        Assert.Equal(BadConfiguration, exitCode);
        Assert.Single(sentences, sentence => sentence.Contains("'platform'", StringComparison.Ordinal) && sentence.Contains("must be encrypted", StringComparison.Ordinal));
        Assert.Single(sentences, sentence => sentence.Contains("'redis'", StringComparison.Ordinal) && sentence.Contains("ssl=true", StringComparison.Ordinal));
        Assert.DoesNotContain(sentences, sentence => sentence.Contains("never-told", StringComparison.Ordinal));
    }

    private static async Task<(int ExitCode, string Output, string[] Sentences)> StartAsync(string service, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, $"{service}.dll"), "--urls=http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        string[] configuring = ["ConnectionStrings__", "Secrets__", "Operator__", "DatabaseServers__", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];
        foreach (var inherited in start.Environment.Keys.Where(name => configuring.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToList())
            start.Environment.Remove(inherited);

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
