using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>Bytes that other .NET processes allocate, as their runtime counts them once a second.</summary>
internal sealed class AllocationCounter : IDisposable
{
    private readonly EventPipeSession _session;
    private readonly EventPipeEventSource _source;
    private readonly Thread _reading;
    private double _bytes;

    /// <param name="processId">The process.</param>
    public AllocationCounter(int processId)
    {
        _session = new DiagnosticsClient(processId).StartEventPipeSession(
            [new EventPipeProvider("System.Runtime", EventLevel.Informational, 0, new Dictionary<string, string> { ["EventCounterIntervalSec"] = "1" })],
            requestRundown: false);
        _source = new EventPipeEventSource(_session.EventStream);
        _source.Dynamic.All += Note;
        _reading = new Thread(() => _source.Process()) { IsBackground = true, Name = "allocation counter" };
        _reading.Start();
    }

    /// <summary>Bytes since the beginning, up to the last second.</summary>
    public double Bytes => Volatile.Read(ref _bytes);

    public void Dispose()
    {
        // It ends with the stream; what it reads from must not go before.
        _session.Stop();
        _reading.Join();
        _source.Dispose();
        _session.Dispose();
    }

    private void Note(TraceEvent data)
    {
        if (data.EventName == "EventCounters"
            && data.PayloadValue(0) is IDictionary<string, object> outer
            && outer["Payload"] is IDictionary<string, object> counter
            && (string)counter["Name"] == "alloc-rate")
        {
            Volatile.Write(ref _bytes, _bytes + Convert.ToDouble(counter["Increment"], System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
