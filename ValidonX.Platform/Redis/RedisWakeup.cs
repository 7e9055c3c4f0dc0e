using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ValidonX.Coherence;

namespace ValidonX.Platform.Redis;

/// <summary><see cref="IWakeup"/> over Redis publish/subscribe, one subscription per channel and process.</summary>
internal sealed partial class RedisWakeup(IConnectionMultiplexer redis, ILogger<RedisWakeup> logger) : IWakeup
{
    private readonly ConcurrentDictionary<string, Listeners> _channels = new();

    public void Signal(string channel)
    {
        if (_channels.TryGetValue(channel, out var listeners)) listeners.Wake();
        try
        {
            redis.GetSubscriber().Publish(ChannelOf(channel), RedisValue.EmptyString, CommandFlags.FireAndForget);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            Log.NotSent(logger, channel, failure.Message);
        }
    }

    public IWakeupListener Listen(string channel)
    {
        var listeners = _channels.GetOrAdd(channel, _ => new Listeners());
        var listener = new Listener(listeners);
        if (listeners.Add(listener)) _ = SubscribeAsync(channel, listeners);
        return listener;
    }

    private async Task SubscribeAsync(string channel, Listeners listeners)
    {
        try
        {
            // The client repeats the subscription by itself whenever it connects.
            await redis.GetSubscriber().SubscribeAsync(ChannelOf(channel), (_, _) => listeners.Wake());
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            Log.NotSubscribed(logger, channel, failure.Message);
        }
    }

    private static RedisChannel ChannelOf(string channel) => RedisClient.Channel($"vx:wakeup:{channel}");

    /// <summary>The listeners of one channel in this process.</summary>
    private sealed class Listeners
    {
        private readonly Lock _gate = new();
        private Listener[] _all = [];
        private bool _subscribed;

        /// <summary>Adds a listener; true for the first one ever, who then subscribes.</summary>
        public bool Add(Listener listener)
        {
            lock (_gate)
            {
                _all = [.. _all, listener];
                var first = !_subscribed;
                _subscribed = true;
                return first;
            }
        }

        public void Remove(Listener listener)
        {
            lock (_gate) _all = [.. _all.Where(other => other != listener)];
        }

        public void Wake()
        {
            foreach (var listener in Volatile.Read(ref _all)) listener.Wake();
        }
    }

    private sealed class Listener(Listeners listeners) : IWakeupListener
    {
        private readonly SemaphoreSlim _signals = new(0, 1);
        private readonly Lock _gate = new();

        public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _signals.WaitAsync(atMost, cancellationToken);

        public void Wake()
        {
            // One remembered signal is as good as many.
            lock (_gate)
            {
                if (_signals.CurrentCount == 0) _signals.Release();
            }
        }

        // The semaphore is left to the collector: a signal may be on its way, and it owns no handle.
        public void Dispose() => listeners.Remove(this);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The wake-up on {Channel} reached only this process: {Reason}")]
        public static partial void NotSent(ILogger logger, string channel, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Wake-ups on {Channel} arrive late, by polling, until Redis answers: {Reason}")]
        public static partial void NotSubscribed(ILogger logger, string channel, string reason);
    }
}
