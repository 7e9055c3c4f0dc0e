using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Puts the tenant on everything that a request or job reports (DESIGN §7): the framework's request metrics, the current span, and
/// through the span every log line. Called once, where the tenant becomes known.
/// </summary>
public static class TenantTelemetry
{
    /// <summary>The tenant's id.</summary>
    public const string IdTag = "tenant.id";

    /// <summary>The tenant's slug.</summary>
    public const string SlugTag = "tenant.slug";

    /// <summary>The code of the tenant's plan.</summary>
    public const string PlanTag = "tenant.plan";

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
            context.RequestServices.GetRequiredService<TenantSeries>().Saw(id);
        }

        Tag(Activity.Current, id, slug, plan);
    }

    /// <summary>Tags a span, for jobs and other work without a request.</summary>
    public static void Tag(Activity? activity, string id, string slug, string plan)
    {
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag(IdTag, id);
            activity.SetTag(SlugTag, slug);
            activity.SetTag(PlanTag, plan);
        }
    }
}
