using System.Diagnostics;
using OpenTelemetry;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Holds the spans of one request or job in this process until it ends. Only then is it known whose it was, which goes onto every one of
/// them, and whether it failed or was slow, which keeps a trace that the <see cref="TraceSampler"/> did not choose. What is kept leaves
/// without secrets (<see cref="SpanRedaction"/>).
/// </summary>
internal sealed class LocalTraces(
    BaseExporter<Activity> exporter,
    TelemetryOptions options,
    DatabaseTime databaseTime,
    int delayMilliseconds = LocalTraces.DefaultDelayMilliseconds)
    : BatchActivityExportProcessor(exporter, QueuedSpans, delayMilliseconds)
{
    /// <summary>How long a kept span waits for others to leave with it.</summary>
    public const int DefaultDelayMilliseconds = 5_000;

    /// <summary>The name of the property that ties a span which is made later (Redis) to the one that caused it.</summary>
    public const string CauseProperty = "validonx.cause";

    private const string HeldProperty = "validonx.held";
    private const int QueuedSpans = 16_384;
    private const int MostHeld = 1_000;

    /// <summary>Whether a span of this kind is where a request or a job enters a process.</summary>
    public static bool Begins(ActivityKind kind) => kind is ActivityKind.Server or ActivityKind.Consumer;

    /// <summary>The request or job that a span belongs to; <see langword="null"/> when there is none.</summary>
    public static Activity? RootOf(Activity? activity)
    {
        while (activity is not null && !Begins(activity.Kind))
        {
            activity = activity.Parent ?? activity.GetCustomProperty(CauseProperty) as Activity;
        }

        return activity;
    }

    /// <summary>Keeps the trace of a request or job from here on, whatever becomes of it.</summary>
    public static void Keep(Activity? activity)
    {
        if (RootOf(activity) is { } root)
        {
            root.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
            activity!.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (!data.IsAllDataRequested || RootOf(data) is not { } root)
        {
            return;
        }

        if (root == data)
        {
            Close(root);
        }
        else if (!TryHold(root, data) && root.Recorded)
        {
            // It ended after the request, whose fate it shares.
            Release(data, root);
        }
    }

    private static bool TryHold(Activity root, Activity span)
    {
        lock (root)
        {
            if (root.GetCustomProperty(HeldProperty) is not Held held)
            {
                if (root.IsStopped)
                {
                    return false;
                }

                held = new Held();
                root.SetCustomProperty(HeldProperty, held);
            }

            if (held.IsClosed)
            {
                return false;
            }

            if (held.Spans.Count < MostHeld)
            {
                held.Spans.Add(span);
            }

            return true;
        }
    }

    private void Close(Activity root)
    {
        Held? held;
        lock (root)
        {
            held = root.GetCustomProperty(HeldProperty) as Held;
            if (held is not null)
            {
                held.IsClosed = true;
            }
        }

        if (held is not null)
        {
            databaseTime.Note(root, held.Spans);
        }

        if (!root.Recorded && !IsWorthKeeping(root, held))
        {
            return;
        }

        root.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        foreach (var span in held?.Spans ?? [])
        {
            Release(span, root);
        }

        Release(root, root);
    }

    private bool IsWorthKeeping(Activity root, Held? held) =>
        root.Status == ActivityStatusCode.Error
        || root.Duration >= options.SlowAfter
        || (held is not null && held.Spans.Exists(IsFailure));

    /// <summary>A client's span counts an answer like 404 as an error; nothing has gone wrong there.</summary>
    private static bool IsFailure(Activity span) =>
        span.Status == ActivityStatusCode.Error
        && span.GetTagItem("http.response.status_code") is not (int and < 500);

    private void Release(Activity span, Activity root)
    {
        if (span != root && root.GetTagItem(TenantTelemetry.IdTag) is { } id && span.GetTagItem(TenantTelemetry.IdTag) is null)
        {
            span.SetTag(TenantTelemetry.IdTag, id);
            span.SetTag(TenantTelemetry.SlugTag, root.GetTagItem(TenantTelemetry.SlugTag));
            span.SetTag(TenantTelemetry.PlanTag, root.GetTagItem(TenantTelemetry.PlanTag));
        }

        SpanRedaction.Apply(span, root);
        span.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        base.OnEnd(span);
    }

    private sealed class Held
    {
        public List<Activity> Spans { get; } = new(2);

        public bool IsClosed { get; set; }
    }
}
