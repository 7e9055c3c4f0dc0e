using Aspire.Hosting.Processes;

namespace ValidonX.Tests.NativeHosting;

public sealed class GuardedEnvironmentTests
{
    [Theory]
    [InlineData("services__licensing-api__http__0", "http://localhost:1234")]
    [InlineData("PLAIN", "with 'quotes' and $dollars")]
    [InlineData("dotted.name", "a=b")]
    [InlineData("ConnectionStrings__app-data", "Server=x;Password=a b \"c\" 'd' $HOME \\e #f")]
    [InlineData("empty-one", "")]
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

    [Fact]
    public async Task No_value_stands_on_the_command_line_of_a_process_or_of_its_guard()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        var said = new TaskCompletionSource();
        using var process = GuardedProcess.Start(
            new LaunchSpec(
                "sh", ["-c", "echo up; while :; do sleep 0.05; done"],
                new Dictionary<string, string?> { ["ConnectionStrings__app-data"] = "Password=in-the-open" }, Path.GetTempPath()),
            (_, _) => said.TrySetResult());
        await said.Task.WaitAsync(Stack.Patience, TestContext.Current.CancellationToken);

        Assert.Empty(AppHostProcess.ProcessesNaming("in-the-open"));
    }
}
