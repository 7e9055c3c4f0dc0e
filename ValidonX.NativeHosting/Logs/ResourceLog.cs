using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line that a process wrote.</summary>
/// <param name="LineNumber">Its number, from 1.</param>
/// <param name="Content">Its text.</param>
/// <param name="IsErrorMessage">Whether it was written to standard error.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>The last lines of one log.</summary>
internal sealed class ResourceLog
{
    private const int Capacity = 5_000;

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _kept = new();
    private readonly List<Channel<LogLine>> _watchers = [];
    private int _written;
    private bool _completed;

    public IReadOnlyList<LogLine> Kept
    {
        get
        {
            lock (_gate)
                return [.. _kept];
        }
    }

    public void Write(string text, bool isError)
    {
        lock (_gate)
        {
            var line = new LogLine(++_written, text, isError);
            if (_kept.Count == Capacity)
                _kept.Dequeue();

            _kept.Enqueue(line);
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(line);
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            foreach (var watcher in _watchers)
                watcher.Writer.TryComplete();
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<LogLine>(new() { SingleReader = true });
        IReadOnlyList<LogLine> kept;
        lock (_gate)
        {
            kept = [.. _kept];
            _watchers.Add(channel);
            if (_completed)
                channel.Writer.TryComplete();
        }

        try
        {
            if (kept.Count > 0)
                yield return kept;

            await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken))
                yield return [line];
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(channel);
        }
    }
}
