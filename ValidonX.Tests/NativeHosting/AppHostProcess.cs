using System.Collections.Concurrent;
using System.Diagnostics;

namespace ValidonX.Tests.NativeHosting;

/// <summary>The real AppHost as a process of its own, as <c>dotnet run</c> starts it.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    public AppHostProcess(string dataFolder, params (string Name, string Value)[] variables)
    {
        DataFolder = dataFolder;
        var start = new ProcessStartInfo("dotnet", [typeof(Projects.ValidonX_AppHost).Assembly.Location])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["VALIDONX_DATA"] = dataFolder,
                ["DcpPublisher__RandomizePorts"] = "true",
            },
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string DataFolder { get; }

    public int Id => _process.Id;

    public string Output => string.Join('\n', _lines);

    /// <summary>The living processes on whose command line a text occurs.</summary>
    public static IReadOnlyList<int> ProcessesNaming(string text) => !OperatingSystem.IsLinux() ? [] : [.. Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
        .Where(id => id != 0 && CommandLine(id).Contains(text, StringComparison.Ordinal) && GuardedProcessTests.IsAlive(id))];

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Stack.Patience);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill(entireProcessTree: false);

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();

        _process.Dispose();
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
