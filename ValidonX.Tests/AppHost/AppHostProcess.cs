using System.Collections.Concurrent;
using System.Diagnostics;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.AppHost;

/// <summary>The real AppHost as a process of its own, on data of the test's own.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private AppHostProcess(string dataFolder, string[] command, (string Name, string Value)[] variables)
    {
        DataFolder = dataFolder;
        // What had to be obtained once serves all.
        var shared = Path.Combine(dataFolder, Path.GetFileName(ServerPrograms.Shared));
        if (!Directory.Exists(shared))
            Directory.CreateSymbolicLink(shared, Directory.CreateDirectory(ServerPrograms.Shared).FullName);
        var start = new ProcessStartInfo("dotnet", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
            Environment = { ["VALIDONX_DATA"] = dataFolder, ["Stack__GatewayPort"] = "", ["Stack__PortalPort"] = "" },
        };
        start.Environment.Remove("DOTNET_ENVIRONMENT");
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
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

    private static string Folder => Projects.ValidonX_AppHost.ProjectPath;

    // All projects of a solution are built alike: its program lies below its folder as this one below its own.
    private static string OwnFolder => Path.Combine(Path.GetDirectoryName(Folder)!, "ValidonX.Tests");

    /// <summary>As the README says, but for the build.</summary>
    public static AppHostProcess Run(string dataFolder, params (string Name, string Value)[] variables) =>
        new(dataFolder, ["run", "--no-build", "--no-launch-profile", "--project", Folder], variables);

    /// <summary>The built program.</summary>
    public static AppHostProcess Start(string dataFolder, params (string Name, string Value)[] variables) =>
        new(dataFolder, [Path.Combine(Folder, Path.GetRelativePath(OwnFolder, AppContext.BaseDirectory), "ValidonX.AppHost.dll")], variables);

    /// <summary>The living processes that were told of a data folder: the stack, its servers and its services.</summary>
    public static IReadOnlyList<int> ProcessesOf(string dataFolder) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
            .Where(id => id != 0 && Text(id, "environ").Contains($"VALIDONX_DATA={dataFolder}\0", StringComparison.Ordinal)),
    ];

    /// <summary>A process's command line or environment; nothing when it is gone.</summary>
    public static string Text(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}") + "\0";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>How far the stack has come: which of its processes live, and what the console shows.</summary>
    public string Describe() =>
        $"""

        Processes: {string.Join(", ", ProcessesOf(DataFolder).Select(id => $"{id} {Text(id, "cmdline").Replace('\0', ' ').Trim()}"))}
        {Output}
        """;

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Until.Patience);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill(entireProcessTree: false);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.Dispose();
    }
}
