using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>One path that is measured, with its figures of every round.</summary>
internal sealed class Contender(string name, int port, IReadOnlyList<byte[]> requests)
{
    public string Name { get; } = name;

    public int Port { get; } = port;

    public IReadOnlyList<byte[]> Requests { get; } = requests;

    public Series PerSecond { get; } = new(name);

    public Series P50 { get; } = new(name);

    public Series P99 { get; } = new(name);

    /// <summary>Answers other than 2xx over all counted rounds; a figure with any is worth nothing.</summary>
    public long Bad { get; private set; }

    public Task<LoadResult> LoadAsync(LoadProcess load, int connections, TimeSpan duration) => load.RunAsync(Port, Requests, connections, duration);

    public void Note(LoadResult result)
    {
        PerSecond.Add(result.PerSecond);
        P50.Add(result.P50.TotalMilliseconds);
        P99.Add(result.P99.TotalMilliseconds);
        Bad += result.Bad;
    }
}
