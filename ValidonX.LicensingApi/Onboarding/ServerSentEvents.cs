using System.Text;
using System.Text.Json;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Provisioning;

namespace ValidonX.LicensingApi.Onboarding;

/// <summary>A provisioning run as server-sent events (WHATWG HTML §9.2).</summary>
internal static class ServerSentEvents
{
    public const string ContentType = "text/event-stream";

    private const string LastEventId = "Last-Event-ID";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Streams until the run has ended or the caller has gone.</summary>
    public static async Task<IResult> StreamAsync(HttpContext context, ProvisioningWatch watch, Guid tenantId)
    {
        var watcher = watch.Watch(tenantId);
        // The stream is written after this returns.
        context.Response.RegisterForDispose(watcher);
        var told = EventId.Parse(context.Request.Headers[LastEventId]);
        var run = await watcher.NextAsync(null, Heartbeat, context.RequestAborted);
        if (run is null)
        {
            return ApiResult.Error(ApiErrors.Unavailable);
        }

        if (HasEnded(run) && told == EventId.Of(run))
        {
            // This keeps a browser from connecting again and again.
            return ApiResult.NoContent;
        }

        return new Stream(watcher, run, told);
    }

    private static bool HasEnded(ProvisioningRun run) => run.Status is RunStatus.Succeeded or RunStatus.Failed;

    private sealed class Stream(ProvisioningWatch.Watcher watcher, ProvisioningRun first, EventId? told) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            Envelope.SetHeaders(httpContext);
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-store";
            response.Headers["X-Accel-Buffering"] = "no";
            // Nothing may have happened yet; the watcher is to know all the same that the stream stands.
            await response.Body.FlushAsync(httpContext.RequestAborted);
            ProvisioningRun? run = first;
            var seen = told;
            var known = first;
            while (true)
            {
                var text = new StringBuilder();
                if (run is null)
                {
                    text.Append(": \n\n");
                }
                else
                {
                    known = run;
                    foreach (var stage in run.Stages.Where(stage => stage.Attempts > 0 && (seen is null || EventId.Of(stage).IsAfter(seen.Value))))
                    {
                        Append(text, EventId.Of(stage), "stage", JsonSerializer.Serialize(stage, LicensingJson.Default.ProvisioningStage));
                        seen = EventId.Of(stage);
                    }

                    if (HasEnded(run))
                    {
                        Append(text, EventId.Of(run), "run", JsonSerializer.Serialize(ShownRun.Of(run), LicensingJson.Default.ShownRun));
                    }
                }

                if (text.Length > 0)
                {
                    await response.WriteAsync(text.ToString(), httpContext.RequestAborted);
                    await response.Body.FlushAsync(httpContext.RequestAborted);
                }

                if (run is not null && HasEnded(run))
                {
                    return;
                }

                run = await watcher.NextAsync(known, Heartbeat, httpContext.RequestAborted);
            }
        }

        private static void Append(StringBuilder text, EventId id, string name, string json) =>
            text.Append("id: ").Append(id).Append("\nevent: ").Append(name).Append("\ndata: ").Append(json).Append("\n\n");
    }

    /// <summary>The id of an event, which says how far the run had come: the stage, its attempt, how that stood. The end of the run is after all stages.</summary>
    private readonly record struct EventId(int Number, int Attempt, int Rank)
    {
        private const int End = 13;

        private static readonly string[] Ranks = [RunStatus.Pending, RunStatus.Running, RunStatus.Failed, RunStatus.Succeeded];

        public static EventId Of(ProvisioningStage stage) => new(stage.Number, stage.Attempts, Array.IndexOf(Ranks, stage.Status));

        public static EventId Of(ProvisioningRun run) => new(End, 0, Array.IndexOf(Ranks, run.Status));

        /// <summary>Reads one that was given back; anything else is none.</summary>
        public static EventId? Parse(string? text)
        {
            var parts = text?.Split('.') ?? [];
            return parts.Length == 3 && parts.All(part => part.Length is > 0 and < 6 && part.All(char.IsAsciiDigit))
                ? new EventId(int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture))
                : null;
        }

        public bool IsAfter(EventId other) => (Number, Attempt, Rank).CompareTo((other.Number == End ? 0 : other.Number, other.Attempt, other.Rank)) > 0;

        public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Number}.{Attempt}.{Rank}");
    }
}
