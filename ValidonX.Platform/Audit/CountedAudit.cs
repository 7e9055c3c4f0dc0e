using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Audit;

/// <summary>
/// Audit events that somebody can cause as often as they like: failed sign-ins, refused calls. Equal ones are counted and written together:
/// the first of a minute within a second, all further ones of that minute as one row with their number. At most <see cref="MostTold"/> kinds are
/// told apart in a minute, the rest is counted by action only; so a flood writes at most some seventy rows a minute and process, whoever makes it.
/// A crash forgets what was counted since the last row; a connection that breaks in the midst of a commit may have it written twice.
/// </summary>
public sealed partial class CountedAudit(PlatformDatabase platform, AuditLog log, TimeProvider time, ILogger<CountedAudit> logger) : BackgroundService
{
    /// <summary>Kinds of events told apart in a minute.</summary>
    public const int MostTold = 32;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly Dictionary<Kind, Tally> _tallies = [];
    private long _began = time.GetTimestamp();
    private bool _isAway;

    /// <summary>Counts an event. It neither waits nor fails.</summary>
    /// <param name="audit">Who did what; its details are made here.</param>
    /// <param name="reason">Why it was refused: one of a few words.</param>
    /// <param name="network">Where it came from.</param>
    public void Note(AuditEvent audit, string reason, string network)
    {
        var kind = new Kind(audit with { RequestId = null, Details = "{}" }, reason, network);
        lock (_gate)
        {
            if (!_tallies.TryGetValue(kind, out var tally))
            {
                if (_tallies.Count >= MostTold)
                {
                    kind = new Kind(new AuditEvent(audit.Action, TenantId: null), "many", Network: "");
                    audit = kind.Event;
                }

                if (!_tallies.TryGetValue(kind, out tally))
                {
                    _tallies.Add(kind, tally = new Tally(audit));
                }
            }

            tally.Counted++;
        }
    }

    /// <summary>Writes what is due. What cannot be written now stays counted.</summary>
    /// <param name="everything">Also what would wait for the minute's end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task FlushAsync(bool everything, CancellationToken cancellationToken)
    {
        // Two at once would both write what both found due.
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            await FlushDueAsync(everything, cancellationToken);
        }
        finally
        {
            _flushing.Release();
        }
    }

    private async Task FlushDueAsync(bool everything, CancellationToken cancellationToken)
    {
        List<(Kind Kind, Tally Tally, long Times)> due;
        bool isOver;
        lock (_gate)
        {
            isOver = everything || time.GetElapsedTime(_began) >= Minute;
            due = [.. _tallies.Where(one => one.Value.Owed > 0 && (isOver || one.Value.Written == 0)).Select(one => (one.Key, one.Value, one.Value.Owed))];
        }

        if (due.Count > 0)
        {
            await platform.TransactAsync(
                async (transaction, token) =>
                {
                    foreach (var (kind, tally, times) in due)
                    {
                        await log.WriteAsync(transaction, RowOf(kind, tally, times), token);
                    }
                },
                cancellationToken);
        }

        lock (_gate)
        {
            foreach (var (_, tally, times) in due)
            {
                tally.Written += times;
            }

            if (isOver)
            {
                _began = time.GetTimestamp();
                foreach (var (kind, tally) in _tallies.ToArray())
                {
                    if (tally.Owed == 0)
                    {
                        _tallies.Remove(kind);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _flushing.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(everything: true, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryFlushAsync(everything: false, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: StopAsync writes the rest.
        }
    }

    private async Task TryFlushAsync(bool everything, CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(everything, cancellationToken);
            _isAway = false;
        }
        catch (Exception away) when (DatabaseError.IsFailure(away))
        {
            // Tried every second, told once.
            if (!_isAway)
            {
                Log.NotWritten(logger, away.Message);
            }

            _isAway = true;
        }
    }

    private static AuditEvent RowOf(Kind kind, Tally tally, long times)
    {
        var details = new JsonObject { ["reason"] = kind.Reason, ["times"] = times };
        if (kind.Network.Length > 0)
        {
            details["network"] = kind.Network;
        }

        return tally.First with { Details = details.ToJsonString() };
    }

    private readonly record struct Kind(AuditEvent Event, string Reason, string Network);

    private sealed class Tally(AuditEvent first)
    {
        public AuditEvent First { get; } = first;

        public long Counted { get; set; }

        public long Written { get; set; }

        public long Owed => Counted - Written;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Counted audit events cannot be written; it is tried again every second. {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
