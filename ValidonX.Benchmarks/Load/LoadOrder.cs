using System.Text;
using System.Text.Json;

namespace ValidonX.Benchmarks.Load;

/// <summary>A load to run, as one line of JSON between the benchmark and its <see cref="LoadProcess"/>.</summary>
/// <param name="Port">Where, on the loopback.</param>
/// <param name="Requests">Whole requests, sent in turn.</param>
/// <param name="Connections">How many at once, each with one request at a time.</param>
/// <param name="Seconds">How long at most.</param>
/// <param name="Most">How many requests at most.</param>
/// <param name="PerSecond">How many are due in each second; 0: as many as are answered.</param>
internal sealed record LoadOrder(int Port, IReadOnlyList<string> Requests, int Connections, double Seconds, long Most, double PerSecond)
{
    /// <summary>Runs orders from standard input, one line each, until it ends; each outcome is a line on standard output.</summary>
    public static async Task ServeAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var order = JsonSerializer.Deserialize<LoadOrder>(line)!;
            byte[][] requests = [.. order.Requests.Select(Encoding.ASCII.GetBytes)];
            var result = await LoadGenerator.RunAsync(order.Port, requests, order.Connections, TimeSpan.FromSeconds(order.Seconds), order.Most, order.PerSecond);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result));
        }
    }
}
