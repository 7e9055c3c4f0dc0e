using System.Diagnostics;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Provisioner;

/// <summary>A provisioner in a process of its own, which can be killed, frozen and thawed.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>The first argument of this assembly's program that makes it a worker.</summary>
    public const string Command = "provisioner-worker";

    /// <summary>What a worker writes, with the tenant's id, directly before it signals itself.</summary>
    public const string Reached = "reached";

    private readonly Process _process;
    private readonly TaskCompletionSource<Guid> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _output = [];

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Whose run it was at when it signaled itself.</summary>
    public Task<Guid> ReachedInstant => _reached.Task;

    /// <summary>What the worker has written, for failures.</summary>
    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    public static WorkerProcess Start(IEnumerable<KeyValuePair<string, string?>> configuration)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(WorkerProcess).Assembly.Location, Command },
            // Many short processes on few cores: quick code at once is worth more than the best code later.
            Environment = { ["DOTNET_TieredPGO"] = "0" },
        };
        foreach (var (key, value) in configuration) start.ArgumentList.Add($"--{key}={value}");
        var worker = new WorkerProcess(new Process { StartInfo = start });
        worker._process.OutputDataReceived += (_, line) => worker.Read(line.Data);
        worker._process.ErrorDataReceived += (_, line) => worker.Read(line.Data);
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        _ = worker.FollowAsync();
        AppDomain.CurrentDomain.ProcessExit += worker.KillAtExit;
        return worker;
    }

    public Task ThawAsync() => Signals.SendAsync(_process, "CONT");

    public Task TerminateAsync() => Signals.SendAsync(_process, "TERM");

    /// <summary>Waits until the worker has written a line with this text.</summary>
    public Task WaitForOutputAsync(string text) => Until.TrueAsync(
        () => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)),
        () => $"the worker has written '{text}'; it has written: {Output}");

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The end of a process is known before the last that it has written is read; this waits for both.</summary>
    private async Task FollowAsync()
    {
        await _process.WaitForExitAsync();
        _reached.TrySetException(new InvalidOperationException($"The worker ended before the instant; it has written: {Output}"));
        _ = _reached.Task.Exception;
    }

    private void KillAtExit(object? sender, EventArgs e) => _process.Kill();

    private void Read(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Add(line);
        if (line.StartsWith(Reached, StringComparison.Ordinal)) _reached.TrySetResult(Guid.Parse(line.AsSpan(Reached.Length + 1)));
    }
}
