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
        _duration = _meter.CreateHistogram<double>("validonx.provisioning.stage_duration", "s", "How long a stage of a provisioning run took.");
    }

    public void Starting(StageProgress stage)
    {
        stage.Activity = Activities.StartActivity($"stage {stage.Name}");
        TenantTelemetry.Tag(stage.Activity, stage.Tenant.Id.ToString(), stage.Tenant.Slug, stage.Tenant.PlanCode);
        stage.Activity?.SetTag("provisioning.run_id", stage.RunId.ToString());
        stage.Activity?.SetTag("provisioning.stage_number", stage.Number);
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
        _duration.Record(
            stage.Duration.TotalSeconds,
            new KeyValuePair<string, object?>("stage", stage.Name),
            new KeyValuePair<string, object?>("outcome", outcome));
        stage.Activity?.Dispose();
    }
}
