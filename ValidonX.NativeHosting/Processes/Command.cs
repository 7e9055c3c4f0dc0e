using System.Collections.Concurrent;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Processes;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    private static readonly Dictionary<string, string?> PlainLanguage = new() { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" };

    /// <summary>Runs a program and returns its exit code and what it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var lines = new ConcurrentQueue<string>();
        var variables = new Dictionary<string, string?>(PlainLanguage);
        foreach (var (name, value) in environment ?? PlainLanguage)
            variables[name] = value;

        var spec = new LaunchSpec(SearchPath.Find(program) ?? program, arguments, variables, Path.GetTempPath());
        using var process = GuardedProcess.Start(spec, (line, _) => lines.Enqueue(line));
        var exitCode = await process.Exited.WaitAsync(cancellationToken);
        return (exitCode, string.Join('\n', lines));
    }
}
