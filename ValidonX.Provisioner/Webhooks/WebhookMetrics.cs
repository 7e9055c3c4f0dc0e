using System.Diagnostics;
using System.Diagnostics.Metrics;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>What tells how deliveries go, by tenant: meter and activity source <c>ValidonX.Webhooks</c>.</summary>
internal sealed class WebhookMetrics : IDisposable
{
    private const string Name = "ValidonX.Webhooks";

    /// <summary>One span for each try.</summary>
    private static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _disabled;
    private readonly Histogram<double> _duration;
    private (long Waiting, double Seconds, long Paused) _backlog;

    public WebhookMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _deliveries = _meter.CreateCounter<long>("validonx.webhooks.attempts", "{attempt}", "Tries to deliver an event, by what became of it: succeeded, postponed, failed.");
        _disabled = _meter.CreateCounter<long>("validonx.webhooks.disabled", "{endpoint}", "Endpoints that were disabled because their receivers fail or are gone.");
        _duration = _meter.CreateHistogram<double>("validonx.webhooks.duration", "s", "How long a receiver took.");
        _meter.CreateObservableGauge("validonx.webhooks.waiting", () => Volatile.Read(ref _backlog.Waiting), "{endpoint}", "Endpoints with something due that wait for their turn.");
        _meter.CreateObservableGauge("validonx.webhooks.age", () => Volatile.Read(ref _backlog.Seconds), "s", "How long the first of them has waited.");
        _meter.CreateObservableGauge("validonx.webhooks.paused", () => Volatile.Read(ref _backlog.Paused), "{endpoint}", "Endpoints whose receivers fail so often that they are tried once in a while.");
    }

    /// <summary>The span of a try; the request that caused the event is found by its id.</summary>
    public static Activity? Begin(EndpointTurn turn, WaitingDelivery delivery)
    {
        var activity = Activities.StartActivity("webhook deliver", ActivityKind.Producer, parentContext: default);
        TenantTelemetry.Tag(activity, turn.TenantId.ToString(), turn.TenantSlug, turn.TenantPlan);
        activity?.SetTag("validonx.webhook.id", turn.Id.ToString());
        activity?.SetTag("validonx.webhook.event", delivery.EventType);
        activity?.SetTag("validonx.request.id", delivery.RequestId);
        return activity;
    }

    /// <summary>Counts a try.</summary>
    public void Tried(EndpointTurn turn, string outcome, TimeSpan duration)
    {
        var tags = TagsOf(turn, "validonx.outcome", outcome);
        _deliveries.Add(1, tags);
        _duration.Record(duration.TotalSeconds, tags);
    }

    /// <summary>Counts an endpoint that was disabled.</summary>
    public void Disabled(EndpointTurn turn, string reason) => _disabled.Add(1, TagsOf(turn, "validonx.reason", reason));

    /// <summary>Keeps what the gauges show until the next time.</summary>
    public void SetBacklog((long Waiting, double Seconds, long Paused) backlog)
    {
        Volatile.Write(ref _backlog.Waiting, backlog.Waiting);
        Volatile.Write(ref _backlog.Seconds, backlog.Seconds);
        Volatile.Write(ref _backlog.Paused, backlog.Paused);
    }

    public void Dispose() => _meter.Dispose();

    private static TagList TagsOf(EndpointTurn turn, string name, string value) => new()
    {
        { TenantTelemetry.IdTag, turn.TenantId.ToString() },
        { TenantTelemetry.SlugTag, turn.TenantSlug },
        { TenantTelemetry.PlanTag, turn.TenantPlan },
        { name, value },
    };
}
