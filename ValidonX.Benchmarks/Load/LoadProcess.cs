using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace ValidonX.Benchmarks.Load;

/// <summary>
/// The load generator as a process of its own, whose sockets all live on one thread: it answers to many connections at each wake-up, as a proxy's real
/// callers on other machines would, and costs the shared cores little.
/// </summary>
internal sealed class LoadProcess(Process process) : IDisposable
{
    /// <summary>What makes the runtime complete all sockets' operations on one thread.</summary>
    private static readonly Dictionary<string, string> OneThread = new()
    {
        ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
        ["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1",
        ["DOTNET_gcServer"] = "0",
    };

    /// <summary>Starts it.</summary>
    /// <param name="self">How this program is started in another role.</param>
    public static LoadProcess Start(Func<string[], ProcessStartInfo> self)
    {
        var start = self(["serve", "load"]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        foreach (var (name, value) in OneThread)
        {
            start.Environment[name] = value;
        }

        return new LoadProcess(Process.Start(start)!);
    }

    /// <summary>Runs one load; see <see cref="LoadGenerator"/>.</summary>
    public async Task<LoadResult> RunAsync(int port, IReadOnlyList<byte[]> requests, int connections, TimeSpan duration, long most = long.MaxValue, double perSecond = 0)
    {
        var order = new LoadOrder(port, [.. requests.Select(Encoding.ASCII.GetString)], connections, duration.TotalSeconds, most, perSecond);
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order));
        var answer = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The load generator has ended.");
        return JsonSerializer.Deserialize<LoadResult>(answer)!;
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
