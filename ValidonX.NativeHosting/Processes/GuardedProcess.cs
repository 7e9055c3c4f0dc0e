using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>A process that cannot outlive this one, however this one ends.</summary>
/// <remarks>
/// The process leads a session of its own, out of reach of the terminal's Ctrl+C, so that the stack ends in order. Beside it, in the same
/// process group, waits a shell on a pipe whose only writer is this process. When this process ends, even by kill -9, the pipe closes and
/// the shell kills the group: the process, all that it started, and itself. Windows has no such group; there the tree is killed on an
/// orderly end only.
/// </remarks>
internal sealed class GuardedProcess : IDisposable
{
    private const string Guard = """
        exec 3<&0 </dev/null
        (read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &
        exec "$@" 3<&-
        """;

    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly Process _process;

    private GuardedProcess(Process process, Action<string, bool> onLine)
    {
        _process = process;
        Id = process.Id;
        Exited = WaitAsync(
            ReadAsync(process.StandardOutput, line => onLine(line, false)),
            ReadAsync(process.StandardError, line => onLine(line, true)));
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code when the process has ended; 128 + n when it was ended by signal n.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a process.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="onLine">Receives each line it writes, and whether it was written to standard error.</param>
    /// <exception cref="DistributedApplicationException">The program cannot be started.</exception>
    public static GuardedProcess Start(LaunchSpec spec, Action<string, bool> onLine)
    {
        var start = Posix.IsAvailable ? new ProcessStartInfo() : new ProcessStartInfo(spec.Command, spec.Arguments);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = spec.WorkingDirectory;
        foreach (var (name, value) in spec.Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        if (Posix.IsAvailable)
            AddGuard(start, spec);

        try
        {
            return new GuardedProcess(Process.Start(start)!, onLine);
        }
        catch (Win32Exception exception)
        {
            throw new DistributedApplicationException($"The program {spec.Command} cannot be started: {exception.Message}.", exception);
        }
    }

    /// <summary>Asks the process to end, and kills it with all it started when it has not ended in time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (Posix.IsAvailable && grace > TimeSpan.Zero && !Exited.IsCompleted)
        {
            Posix.Terminate(Id);
            await Task.WhenAny(Exited, Task.Delay(grace));
        }

        Kill();
        await Exited;
    }

    /// <summary>Kills the process with all it started.</summary>
    public void Kill()
    {
        if (Exited.IsCompleted)
            return;

        if (Posix.IsAvailable)
            Posix.KillGroup(Id);
        else
            _process.Kill(entireProcessTree: true);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static void AddGuard(ProcessStartInfo start, LaunchSpec spec)
    {
        string[] session = OperatingSystem.IsMacOS()
            ? ["perl", "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or exit 127"]
            : ["setsid"];
        start.FileName = session[0];
        string[] arguments = [.. session[1..], "sh", "-c", Guard, "guard", .. GuardedEnvironment.Carry(start.Environment), spec.Command, .. spec.Arguments];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
            onLine(line);
    }

    private async Task<int> WaitAsync(Task output, Task error)
    {
        await _process.WaitForExitAsync();
        var exitCode = _process.ExitCode;

        // Ends the guard, and with it whatever else is left of the group and might hold the output open.
        _process.StandardInput.Close();
        try
        {
            await Task.WhenAll(output, error).WaitAsync(OutputGrace);
        }
        catch (TimeoutException)
        {
            // Something moved out of the group and keeps the output open: its lines are not waited for.
        }

        return exitCode;
    }
}
