using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Makes a finished span fit to leave. A path holds license keys and whatever else a caller types, so the route's template stands in its
/// place; what else a caller may choose freely goes. Statements lose their literals, exceptions the values that they quote.
/// </summary>
internal static class SpanRedaction
{
    /// <summary>The tag with the request's id, which a caller may choose.</summary>
    public const string RequestId = "validonx.request.id";

    private const string Route = "http.route";
    private const string Path = "url.path";
    private const string FullUrl = "url.full";
    private const string Template = "url.template";

    private static readonly string[] FreeText = ["url.query", "user_agent.original", "http.request.method_original"];
    private static readonly string[] Statements = ["db.query.text", "db.statement"];

    /// <summary>Applies it.</summary>
    /// <param name="span">The span.</param>
    /// <param name="root">The request or job that it belongs to.</param>
    public static void Apply(Activity span, Activity root)
    {
        switch (span.Source.Name)
        {
            case "Microsoft.AspNetCore":
                OfServer(span);
                break;
            case "System.Net.Http":
                OfClient(span, root);
                break;
            case "MySqlConnector":
                OfDatabase(span);
                break;
        }

        if (span.StatusDescription is { Length: > 0 } description)
        {
            span.SetStatus(span.Status, Redaction.ExceptionText(description));
        }

        RedactEvents(span);
    }

    private static void OfServer(Activity span)
    {
        foreach (var name in FreeText)
        {
            span.SetTag(name, null);
        }

        if (span.GetTagItem(RequestId) is string id)
        {
            span.SetTag(RequestId, Redaction.Text(id));
        }

        // Without a route it is any text at all.
        span.SetTag(Path, span.GetTagItem(Route));
    }

    private static void OfClient(Activity span, Activity root)
    {
        var route = root.GetTagItem(Route) as string;
        span.SetTag(FullUrl, string.Create(
            CultureInfo.InvariantCulture,
            $"{(span.GetTagItem(FullUrl) as string)?.Split(':')[0] ?? "http"}://{span.GetTagItem("server.address")}:{span.GetTagItem("server.port")}{route ?? "/"}"));
        span.SetTag("http.request.method_original", null);
        if (route is not null)
        {
            span.SetTag(Template, route);
            span.DisplayName = $"{span.GetTagItem("http.request.method")} {route}";
        }
    }

    private static void OfDatabase(Activity span)
    {
        span.SetTag("db.connection_string", null);
        foreach (var name in Statements)
        {
            if (span.GetTagItem(name) is string text)
            {
                span.SetTag(name, Redaction.Sql(text));
            }
        }
    }

    private static void RedactEvents(Activity span)
    {
        foreach (ref readonly var happened in span.EnumerateEvents())
        {
            if (happened.Name == "exception")
            {
                // An activity's events can be read and added to only, but they are its own and nobody else reads them any more.
                Unsafe.AsRef(in happened) = Redacted(happened);
            }
        }
    }

    private static ActivityEvent Redacted(in ActivityEvent happened)
    {
        var tags = new ActivityTagsCollection();
        foreach (var (name, value) in happened.Tags)
        {
            tags[name] = value is string text ? Redaction.ExceptionText(text) : value;
        }

        return new ActivityEvent(happened.Name, happened.Timestamp, tags);
    }
}
