using System.Diagnostics;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Finds out which statements of a request took long, by the database client's own spans: they are listened to within requests that ask for it, where telemetry is off too. What was
/// fast leaves nothing behind.
/// </summary>
public sealed class SlowStatements : IDisposable
{
    private const string ClientSource = "MySqlConnector";
    private const int LongestText = 1_000;

    // Far beyond what is kept, so that taking literals out of a statement of a thousand rows costs little.
    private const int LongestRead = 8 * LongestText;

    /// <summary>By the names of the current conventions and of those before.</summary>
    private static readonly string[] StatementTags = ["db.query.text", "db.statement"];

    private readonly ActivityListener _listener;
    private readonly AsyncLocal<NotedStatements?> _current = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="threshold">From when on a statement is slow.</param>
    public SlowStatements(TimeSpan threshold)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == ClientSource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => _current.Value is null ? ActivitySamplingResult.None : ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                // What a statement consists of is told by its own span.
                if (span.Duration >= threshold && span.Parent?.Source.Name != ClientSource && _current.Value is { } noted)
                {
                    noted.Add(new SlowStatement(TextOf(span), new DateTimeOffset(span.StartTimeUtc), span.Duration));
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>From now on notes those of the caller's flow.</summary>
    public NotedStatements Begin() => _current.Value = new NotedStatements();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>The statement without literals; what is none (opening a connection, a commit) by its name.</summary>
    private static string TextOf(Activity span)
    {
        var text = StatementTags.Select(span.GetTagItem).OfType<string>().FirstOrDefault() ?? span.OperationName;
        text = Redaction.Sql(text.Length > LongestRead ? text[..LongestRead] : text);
        return text.Length > LongestText ? text[..LongestText] : text;
    }
}

/// <summary>The slow statements of one request, the first few of them.</summary>
public sealed class NotedStatements
{
    private const int Most = 10;

    private List<SlowStatement>? _statements;

    /// <summary>What there is so far.</summary>
    public IReadOnlyList<SlowStatement> ToList()
    {
        if (Volatile.Read(ref _statements) is not { } noted)
        {
            return [];
        }

        lock (this)
        {
            return [.. noted];
        }
    }

    internal void Add(SlowStatement statement)
    {
        lock (this)
        {
            var noted = _statements ??= [];
            if (noted.Count < Most)
            {
                noted.Add(statement);
            }
        }
    }
}

/// <summary>A statement that took long.</summary>
/// <param name="Text">It, without literals and values.</param>
/// <param name="At">When it began.</param>
/// <param name="Duration">How long it took, until its last row was read.</param>
public sealed record SlowStatement(string Text, DateTimeOffset At, TimeSpan Duration);
