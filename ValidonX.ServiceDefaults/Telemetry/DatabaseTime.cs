using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// How long each request and job kept databases busy, by tenant: meter <c>ValidonX.Database</c>. Made from the client's spans, so that no
/// query has to be measured by hand; also on the request's own span.
/// </summary>
internal sealed class DatabaseTime
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ValidonX.Database";

    /// <summary>Name of the instrument and of the span's attribute.</summary>
    public const string Name = "validonx.database.duration";

    private const string ClientSource = "MySqlConnector";

    private readonly Histogram<double> _duration;

    public DatabaseTime(IMeterFactory meters) =>
        _duration = meters.Create(MeterName).CreateHistogram<double>(Name, "s", "Time that one request or job spent with databases.");

    /// <summary>Adds up what ended within a request or job.</summary>
    public void Note(Activity root, List<Activity> spans)
    {
        var total = TimeSpan.Zero;
        foreach (var span in spans)
        {
            if (span.Source.Name == ClientSource && span.Parent?.Source.Name != ClientSource)
            {
                total += span.Duration;
            }
        }

        if (total > TimeSpan.Zero)
        {
            root.SetTag(Name, total.TotalSeconds);
            var tags = new TagList { { "validonx.work", root.Kind == ActivityKind.Consumer ? "job" : "request" } };
            // An operator's request has no tenant.
            if (root.GetTagItem(TenantTelemetry.IdTag) is { } id)
            {
                tags.Add(TenantTelemetry.IdTag, id);
                tags.Add(TenantTelemetry.SlugTag, root.GetTagItem(TenantTelemetry.SlugTag));
                tags.Add(TenantTelemetry.PlanTag, root.GetTagItem(TenantTelemetry.PlanTag));
            }

            _duration.Record(total.TotalSeconds, tags);
        }
    }
}
