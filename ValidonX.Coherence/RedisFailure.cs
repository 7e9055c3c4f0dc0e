using StackExchange.Redis;

namespace ValidonX.Coherence;

/// <summary>Tells "Redis is away, slow or going down" from a mistake in the program.</summary>
public static class RedisFailure
{
    /// <summary>Whether a fallback is the right answer to this exception of a Redis command.</summary>
    public static bool Is(Exception exception) => exception switch
    {
        RedisConnectionException or TimeoutException => true,
        // LOADING, BUSY, MASTERDOWN, READONLY, OOM, NOSCRIPT: states of the server that pass.
        RedisServerException server => IsPassingState(server.Message),
        // The client closes its connection objects while it reconnects and while the host stops.
        ObjectDisposedException => true,
        AggregateException aggregate => aggregate.InnerExceptions.All(Is),
        _ => false,
    };

    private static bool IsPassingState(string message) =>
        message.StartsWith("LOADING", StringComparison.Ordinal) || message.StartsWith("BUSY", StringComparison.Ordinal)
        || message.StartsWith("MASTERDOWN", StringComparison.Ordinal) || message.StartsWith("READONLY", StringComparison.Ordinal)
        || message.StartsWith("OOM", StringComparison.Ordinal) || message.StartsWith("NOSCRIPT", StringComparison.Ordinal);
}
