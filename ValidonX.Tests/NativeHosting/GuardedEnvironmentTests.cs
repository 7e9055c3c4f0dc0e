using Aspire.Hosting.Processes;

namespace ValidonX.Tests.NativeHosting;

public sealed class GuardedEnvironmentTests
{
    [Theory]
    [InlineData("services__licensing-api__http__0", "http://localhost:1234")]
    [InlineData("PLAIN", "with 'quotes' and $dollars")]
    [InlineData("dotted.name", "a=b")]
    public async Task A_guarded_process_receives_every_variable_whatever_its_name(string name, string value)
    {
        if (!OperatingSystem.IsWindows())
        {
            var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
            using var process = GuardedProcess.Start(
                new LaunchSpec("env", [], new Dictionary<string, string?> { [name] = value }, Path.GetTempPath()),
                (line, _) => lines.Enqueue(line));

            Assert.Equal(0, await process.Exited);
            Assert.Contains($"{name}={value}", lines);
        }
    }
}
