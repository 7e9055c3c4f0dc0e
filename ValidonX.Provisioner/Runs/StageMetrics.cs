using System.Diagnostics;
using System.Diagnostics.Metrics;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Provisioner.Runs;

/// <summary>A span for every stage and the distribution of the stages' durations: meter and activity source <c>ValidonX.Provisioning</c>.</summary>
internal sealed class StageMetrics : IStageObserver, IDisposable
{
    private const string Name = "ValidonX.Provisioning";

    private static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;

    public StageMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _duration = _meter.CreateHistogram<double>("validonx.provisioning.stage.duration", "s", "How long a stage of a provisioning run took, by outcome.");
    }

    public void Starting(StageProgress stage)
    {
        stage.Activity = Activities.StartActivity($"stage {stage.Name}");
        stage.Activity?.SetTag("validonx.run.id", stage.RunId.ToString());
        stage.Activity?.SetTag("validonx.stage.number", stage.Number);
    }

    public void Executed(StageProgress stage)
    {
        // The span ends with the record, which is part of what a stage costs.
    }

    public void Recorded(StageProgress stage) => End(stage, "succeeded");

    public void Failed(StageProgress stage, Exception exception)
    {
        stage.Activity?.SetStatus(ActivityStatusCode.Error);
        End(stage, "failed");
    }

    public void Dispose() => _meter.Dispose();

    private void End(StageProgress stage, string outcome)
    {
        var tags = new TagList
        {
            { "validonx.stage.name", stage.Name },
            { "validonx.outcome", outcome },
            { TenantTelemetry.IdTag, stage.Tenant.Id.ToString() },
            { TenantTelemetry.SlugTag, stage.Tenant.Slug },
            { TenantTelemetry.PlanTag, stage.Tenant.PlanCode },
        };
        _duration.Record(stage.Duration.TotalSeconds, tags);
        stage.Activity?.Dispose();
    }
}
