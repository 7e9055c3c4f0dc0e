using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the last lines that each process wrote, and hands them on.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(ResourceName.Comparer);

    internal ResourceLoggerService()
    {
    }

    /// <summary>A logger that writes to the log of a replica by its id, or of a resource by its name.</summary>
    public ILogger GetLogger(string resourceName) => new ResourceLogger(Log(resourceName));

    /// <summary>The lines kept, and every further one.</summary>
    /// <param name="resource">The resource; all its replicas.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchAsync(resource.Name);
    }

    /// <summary>The lines kept, and every further one.</summary>
    /// <param name="resourceName">The id of a replica, or the name of a resource for all its replicas.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Log(resourceName).WatchAsync();

    /// <summary>The lines kept.</summary>
    /// <param name="resourceName">The id of a replica, or the name of a resource for all its replicas.</param>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return Log(resourceName).Kept;
    }

    /// <summary>Ends all watching.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        foreach (var log in _logs.Values)
            log.Complete();
    }

    /// <summary>Writes a line to a replica's log and to that of its resource.</summary>
    internal void Write(IResource resource, string resourceId, string line, bool isError)
    {
        Log(resourceId).Write(line, isError);
        Log(resource.Name).Write(line, isError);
    }

    internal IEnumerable<LogLine> LastLines(string resourceId, int count) => Log(resourceId).Kept.TakeLast(count);

    private ResourceLog Log(string name) => _logs.GetOrAdd(name, static _ => new ResourceLog());

    private sealed class ResourceLogger(ResourceLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(formatter(state, exception), logLevel >= LogLevel.Error);
    }
}
