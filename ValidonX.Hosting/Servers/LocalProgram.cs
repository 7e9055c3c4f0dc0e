using System.Diagnostics;

namespace ValidonX.Hosting.Servers;

/// <summary>A program on this machine.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="LibraryPath">The folders of its libraries, when they are not where the system looks; null otherwise.</param>
internal sealed record LocalProgram(string Path, string? LibraryPath = null)
{
    /// <summary>The variables that the program needs to find its libraries.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } =
        LibraryPath is null ? new Dictionary<string, string>() : new() { ["LD_LIBRARY_PATH"] = LibraryPath };

    /// <summary>Runs it to its end; when cancelled, it is ended.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it reads.</param>
    /// <returns>Its exit code and what it wrote.</returns>
    public async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken, string input = "")
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = System.IO.Path.GetTempPath(),
            Environment = { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" },
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        using var end = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read its input: its exit code says more than the broken pipe.
        }

        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, string.Join('\n', await output).Trim());
    }
}
