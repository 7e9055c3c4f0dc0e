using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Puts the tenant on everything that a request or job reports: the framework's request metrics, the request's or job's span, and from
/// there every span below it and every log line. Called once, where the tenant becomes known.
/// </summary>
public static class TenantTelemetry
{
    /// <summary>The tenant's id.</summary>
    public const string IdTag = "tenant.id";

    /// <summary>The tenant's slug.</summary>
    public const string SlugTag = "tenant.slug";

    /// <summary>The code of the tenant's plan.</summary>
    public const string PlanTag = "tenant.plan";

    /// <summary>The job's id.</summary>
    public const string JobIdTag = "job.id";

    /// <summary>What kind of work a job is.</summary>
    public const string JobKindTag = "job.kind";

    /// <summary>The limit that refused a request.</summary>
    public const string RefusedByTag = "validonx.refused_by";

    /// <summary>Tags a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">The tenant's id as text; pass one cached string, it is kept as it is.</param>
    /// <param name="slug">The tenant's slug.</param>
    /// <param name="plan">The tenant's plan.</param>
    public static void Tag(HttpContext context, string id, string slug, string plan)
    {
        // Absent when nobody listens to the request metrics.
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.Tags.Add(new KeyValuePair<string, object?>(IdTag, id));
            metrics.Tags.Add(new KeyValuePair<string, object?>(SlugTag, slug));
            metrics.Tags.Add(new KeyValuePair<string, object?>(PlanTag, plan));
        }

        Tag(Activity.Current, id, slug, plan);
    }

    /// <summary>Tags the request or job that a span belongs to.</summary>
    public static void Tag(Activity? activity, string id, string slug, string plan)
    {
        if (LocalTraces.RootOf(activity) is { IsAllDataRequested: true } root)
        {
            root.SetTag(IdTag, id);
            root.SetTag(SlugTag, slug);
            root.SetTag(PlanTag, plan);
        }
    }

    /// <summary>Notes on a request's metrics and span which limit refused it.</summary>
    public static void Refused(HttpContext context, string limit)
    {
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new KeyValuePair<string, object?>(RefusedByTag, limit));
        LocalTraces.RootOf(Activity.Current)?.SetTag(RefusedByTag, limit);
    }

    /// <summary>
    /// Keeps the trace of the request that is under way, whatever becomes of it: it causes a job, whose own trace links to it.
    /// </summary>
    /// <returns>The trace's context (W3C), to be stored with the job.</returns>
    public static string? KeepCause()
    {
        LocalTraces.Keep(Activity.Current);
        return Activity.Current is { IdFormat: ActivityIdFormat.W3C } cause
            ? $"00-{cause.TraceId.ToHexString()}-{cause.SpanId.ToHexString()}-{(cause.Recorded ? "01" : "00")}"
            : null;
    }
}
