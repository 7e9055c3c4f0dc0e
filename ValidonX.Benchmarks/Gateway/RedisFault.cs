using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Benchmarks.Reporting;
using ValidonX.Platform.Redis;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>A way for Redis to be away, from its beginning to its end.</summary>
/// <param name="name">How the command line and the table call it.</param>
internal abstract class RedisFault(string name)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<RedisFault> All { get; } = [new Hanging(), new Stopped(), new Killed(), new Slow()];

    public string Name { get; } = name;

    public abstract Task BeginAsync(BenchmarkStack stack);

    public abstract Task EndAsync(BenchmarkStack stack);

    private static async Task<int> ProcessAsync(BenchmarkStack stack) => await stack.ProcessIdAsync("redis")
        ?? throw new NotSupportedException("Redis runs in a container here and has no process to signal: run this in the native profile, or choose other faults.");

    private static async Task SignalAsync(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Figure.Text(process)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>It takes connections and commands and answers nothing.</summary>
    private sealed class Hanging() : RedisFault("hangs")
    {
        private int _process;

        public override async Task BeginAsync(BenchmarkStack stack)
        {
            // Kept, because who looks for it while it hangs waits until it is healthy.
            _process = await ProcessAsync(stack);
            await SignalAsync(_process, "STOP");
        }

        public override Task EndAsync(BenchmarkStack stack) => SignalAsync(_process, "CONT");
    }

    /// <summary>Connections are refused.</summary>
    private sealed class Stopped() : RedisFault("stopped")
    {
        public override Task BeginAsync(BenchmarkStack stack) => stack.CommandAsync("redis", KnownResourceCommands.StopCommand);

        public override Task EndAsync(BenchmarkStack stack) => stack.CommandAsync("redis", KnownResourceCommands.StartCommand);
    }

    /// <summary>It loses its memory at the beginning and is back as soon as it has been started again.</summary>
    private sealed class Killed() : RedisFault("killed")
    {
        public override async Task BeginAsync(BenchmarkStack stack) => await SignalAsync(await ProcessAsync(stack), "KILL");

        public override Task EndAsync(BenchmarkStack stack) => Task.CompletedTask;
    }

    /// <summary>Every command waits for up to a tenth of a second, a thousand times as long as usual.</summary>
    private sealed class Slow() : RedisFault("slow")
    {
        private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(110);

        private Task _pausing = Task.CompletedTask;
        private volatile bool _isOn;

        public override async Task BeginAsync(BenchmarkStack stack)
        {
            _isOn = true;
            _pausing = PauseAsync(await stack.ConnectionStringAsync("redis"));
        }

        public override Task EndAsync(BenchmarkStack stack)
        {
            _isOn = false;
            return _pausing;
        }

        private async Task PauseAsync(string connectionString)
        {
            using var redis = RedisClient.Connect($"{connectionString},allowAdmin=true");
            while (_isOn)
            {
                // With a gap after each pause, or this connection's next one would be served before all that wait.
                await redis.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "100", "ALL");
                await Task.Delay(Period);
            }
        }
    }
}
