namespace ValidonX.Benchmarks.Load;

/// <summary>What one connection saw.</summary>
internal sealed class LoadPart
{
    /// <summary>Latencies of answers with 2xx, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public List<long> Latencies { get; } = new(1 << 16);

    /// <summary>Answers by status; 0 counts broken connections.</summary>
    public Dictionary<int, long> Statuses { get; } = [];

    /// <summary>Notes one request.</summary>
    public void Note(int status, long ticks)
    {
        Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
        if (status is >= 200 and < 300)
        {
            Latencies.Add(ticks);
        }
    }
}
