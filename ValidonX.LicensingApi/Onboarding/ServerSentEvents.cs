using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Provisioning;

namespace ValidonX.LicensingApi.Onboarding;

/// <summary>A provisioning run as server-sent events (WHATWG HTML §9.2).</summary>
internal static class ServerSentEvents
{
    public const string ContentType = "text/event-stream";

    private const string LastEventId = "Last-Event-ID";

    /// <summary>How long a watcher waits to learn how the run stands, while the database may be away.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(15);

    /// <summary>Streams until the run has ended, the caller has gone or takes nothing, this process stops, or it has lasted long enough.</summary>
    public static async Task<IResult> StreamAsync(HttpContext context, ProvisioningWatch watch, Guid tenantId)
    {
        var watcher = watch.Watch(tenantId);
        // The stream is written after this returns.
        context.Response.RegisterForDispose(watcher);
        var told = EventId.Parse(context.Request.Headers[LastEventId]);
        var options = context.RequestServices.GetRequiredService<IOptions<OnboardingOptions>>().Value;
        var run = await watcher.NextAsync(null, FirstLook, context.RequestAborted);
        if (run is null)
        {
            return ApiResult.Error(ApiErrors.Unavailable);
        }

        if (HasEnded(run) && told == EventId.Of(run))
        {
            // This keeps a browser from connecting again and again.
            return ApiResult.NoContent;
        }

        return new Stream(watcher, run, told, options, context.RequestServices.GetRequiredService<TimeProvider>(), context.RequestServices.GetRequiredService<IHostApplicationLifetime>());
    }

    private static bool HasEnded(ProvisioningRun run) => run.Status is RunStatus.Succeeded or RunStatus.Failed;

    private sealed class Stream(
        ProvisioningWatch.Watcher watcher, ProvisioningRun first, EventId? told, OnboardingOptions options, TimeProvider time, IHostApplicationLifetime lifetime) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            Envelope.SetHeaders(httpContext);
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-store";
            response.Headers["X-Accel-Buffering"] = "no";
            using var longest = new CancellationTokenSource(options.LongestWatch, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, lifetime.ApplicationStopping, httpContext.RequestAborted);
            try
            {
                await TellAsync(httpContext, end.Token);
            }
            catch (OperationCanceledException) when (!httpContext.RequestAborted.IsCancellationRequested)
            {
                // Who watches connects again and goes on where this ends.
            }
        }

        private async Task TellAsync(HttpContext context, CancellationToken end)
        {
            // Nothing may have happened yet; the watcher is to know all the same that the stream stands.
            var stands = await WriteAsync(context, "");
            ProvisioningRun? run = first;
            var seen = told;
            var known = first;
            while (stands)
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

                stands = text.Length == 0 || await WriteAsync(context, text.ToString());
                if (run is not null && HasEnded(run))
                {
                    return;
                }

                run = await watcher.NextAsync(known, options.Heartbeat, end);
            }
        }

        /// <summary>Whether the watcher has taken it. One that does not is cut off: it would hold a connection, and what is to be told, for ever.</summary>
        private async Task<bool> WriteAsync(HttpContext context, string text)
        {
            using var patience = new CancellationTokenSource(options.WatcherPatience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
            try
            {
                await context.Response.WriteAsync(text, either.Token);
                await context.Response.Body.FlushAsync(either.Token);
                return true;
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                context.Abort();
                return false;
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
