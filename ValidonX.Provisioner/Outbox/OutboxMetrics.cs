using System.Diagnostics.Metrics;
using ValidonX.Platform.Outbox;

namespace ValidonX.Provisioner.Outbox;

/// <summary>What tells whether tenants' events arrive: meter <c>ValidonX.Outbox</c>.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _delay;
    private (long Tenants, double Seconds) _backlog;

    public OutboxMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("ValidonX.Outbox");
        _events = _meter.CreateCounter<long>("validonx.outbox.events", "{event}", "Events carried from tenants' databases to the audit log.");
        _delay = _meter.CreateHistogram<double>("validonx.outbox.delay", "s", "From when an event happened until it was in the audit log.");
        _meter.CreateObservableGauge("validonx.outbox.backlog", () => Volatile.Read(ref _backlog.Tenants), "{tenant}", "Tenants known to have events that wait.");
        _meter.CreateObservableGauge("validonx.outbox.backlog_age", () => Volatile.Read(ref _backlog.Seconds), "s", "How long the first of them has waited.");
    }

    /// <summary>Counts events that have arrived.</summary>
    public void Drained(IReadOnlyList<OutboxEvent> events, DateTimeOffset now)
    {
        _events.Add(events.Count);
        foreach (var one in events)
        {
            _delay.Record(Math.Max(0, (now - one.OccurredAt).TotalSeconds));
        }
    }

    /// <summary>Keeps what the gauges show until the next time.</summary>
    public void SetBacklog((long Tenants, double Seconds) backlog)
    {
        Volatile.Write(ref _backlog.Tenants, backlog.Tenants);
        Volatile.Write(ref _backlog.Seconds, backlog.Seconds);
    }

    public void Dispose() => _meter.Dispose();
}
