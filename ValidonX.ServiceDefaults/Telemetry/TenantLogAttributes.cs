using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>Copies the tenant from the span that a line was written in onto the line, so that log scopes cost nothing on the hot path.</summary>
internal sealed class TenantLogAttributes : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        for (var activity = Activity.Current; activity is not null; activity = activity.Parent)
        {
            if (activity.GetTagItem(TenantTelemetry.IdTag) is { } id)
            {
                data.Attributes =
                [
                    .. data.Attributes ?? [],
                    new(TenantTelemetry.IdTag, id),
                    new(TenantTelemetry.SlugTag, activity.GetTagItem(TenantTelemetry.SlugTag)),
                    new(TenantTelemetry.PlanTag, activity.GetTagItem(TenantTelemetry.PlanTag)),
                ];
                return;
            }
        }
    }
}
