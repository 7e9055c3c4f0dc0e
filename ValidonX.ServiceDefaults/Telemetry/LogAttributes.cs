using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Puts onto a log line whose request or job it was written in, taken from the span, so that log scopes cost nothing on the hot path; and
/// takes secrets out of it. Scopes are not exported: those of the framework hold paths.
/// </summary>
internal sealed class LogAttributes : BaseProcessor<LogRecord>
{
    private static readonly string[] FromSpan =
        [TenantTelemetry.IdTag, TenantTelemetry.SlugTag, TenantTelemetry.PlanTag, TenantTelemetry.JobIdTag, TenantTelemetry.JobKindTag];

    /// <inheritdoc/>
    public override void OnEnd(LogRecord data)
    {
        var attributes = new List<KeyValuePair<string, object?>>(12);
        foreach (var (name, value) in data.Attributes ?? [])
        {
            attributes.Add(new(name, value is string text ? Redaction.Text(text) : value));
        }

        if (LocalTraces.RootOf(Activity.Current) is { } root)
        {
            foreach (var name in FromSpan)
            {
                if (root.GetTagItem(name) is { } value)
                {
                    attributes.Add(new(name, value));
                }
            }
        }

        if (data.Exception is { } exception)
        {
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.message", Redaction.ExceptionText(exception.Message)));
            attributes.Add(new("exception.stacktrace", Redaction.ExceptionText(exception.ToString())));
            data.Exception = null;
        }

        if (data.FormattedMessage is { } message)
        {
            data.FormattedMessage = Redaction.Text(message);
        }

        data.Attributes = attributes;
    }
}
