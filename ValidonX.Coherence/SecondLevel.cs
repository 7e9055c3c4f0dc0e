using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ValidonX.Coherence;

/// <summary>
/// Copies in Redis of what is dear to load, shared by all processes: between a <see cref="CoherentCache{TId,TValue}"/> and the database. Only
/// used under a valid lease that was renewed when it was due. A copy counts only when it was read from the source after the last change, the last
/// drop of its owner, and the last time that a replica was out of touch; each is judged by the clock of Redis in the script that reads or writes it.
/// <para>
/// Redis slow or away costs at most one round of waiting: the first answer that takes longer than <see cref="CoherenceOptions.CopyWithin"/>
/// releases all who wait, and nobody asks again until this process's lease has been renewed.
/// </para>
/// </summary>
internal sealed partial class SecondLevel(
    IConnectionMultiplexer redis,
    CoherentCaches caches,
    CoherenceOptions options,
    CoherenceMetrics metrics,
    TimeProvider time,
    ILogger<SecondLevel> logger) : IDisposable
{
    /// <summary>No copy lives longer.</summary>
    public static readonly TimeSpan LongestTimeToLive = TimeSpan.FromMinutes(10);

    private const long Closed = long.MinValue;

    private static readonly string ReadScript = ScriptText.Load(typeof(SecondLevel), "readcopy.lua");
    private static readonly string WriteScript = ScriptText.Load(typeof(SecondLevel), "writecopy.lua");
    private static readonly TimeSpan OldestLoad = RedisCoherenceBus.TombstoneLife / 2;

    private readonly ReplicaView _view = caches.View;
    private readonly Lock _gate = new();
    private CancellationTokenSource _released = new();
    private long _openedAt = Closed;

    private bool IsUsable =>
        _view.IsValid && !_view.IsAdrift && (Volatile.Read(ref _openedAt) is var openedAt && (openedAt == Closed || _view.RenewedAt > openedAt));

    /// <summary>The copy, or what <paramref name="load"/> finds in the source, of which a copy is then kept. "Does not exist" (null) is not copied.</summary>
    /// <param name="name">See <see cref="CacheNames"/>.</param>
    /// <param name="owner">The tenant that the value belongs to, with which the copy is dropped; <see cref="Guid.Empty"/> for none.</param>
    /// <param name="json">How the value is written.</param>
    /// <param name="timeToLive">At most <see cref="LongestTimeToLive"/>.</param>
    /// <param name="load">Reads the source as of now.</param>
    /// <param name="cancellationToken">Given to the load, and ends the wait for Redis.</param>
    public async Task<TValue?> GetOrLoadAsync<TValue>(
        string name,
        Func<TValue, Guid> owner,
        JsonTypeInfo<TValue> json,
        TimeSpan timeToLive,
        Func<CancellationToken, Task<TValue?>> load,
        CancellationToken cancellationToken)
        where TValue : class
    {
        var (readAt, payload) = await ReadAsync(name, cancellationToken);
        if (payload is not null && Parse(name, payload, json) is { } copy)
        {
            metrics.CopyFound();
            return copy;
        }

        var value = await load(cancellationToken);
        if (value is not null && readAt is not null)
        {
            // Nobody waits for it: the next reader elsewhere is its only beneficiary.
            _ = WriteAsync(name, readAt, owner(value), JsonSerializer.SerializeToUtf8Bytes(value, json), timeToLive);
        }

        return value;
    }

    public void Dispose() => _released.Dispose();

    private async Task<(string? ReadAt, byte[]? Payload)> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (!IsUsable)
        {
            return default;
        }

        var released = Volatile.Read(ref _released).Token;
        try
        {
            RedisKey[] keys = [RedisCoherenceBus.StateKey, name];
            using var either = CancellationTokenSource.CreateLinkedTokenSource(released, cancellationToken);
            var result = await redis.GetDatabase()
                .ScriptEvaluateAsync(ReadScript, keys)
                .WaitAsync(options.CopyWithin, time, either.Token);
            if (result.IsNull)
            {
                return default;
            }

            var reply = (RedisResult[])result!;
            return ((string?)reply[0], reply.Length > 1 ? (byte[]?)reply[1] : null);
        }
        catch (OperationCanceledException) when (released.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return default;
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            Open(failure);
            return default;
        }
    }

    private async Task WriteAsync(string name, string readAt, Guid owner, byte[] payload, TimeSpan timeToLive)
    {
        if (!IsUsable)
        {
            return;
        }

        var ownerName = owner == Guid.Empty ? "" : owner.ToString("D");
        var life = timeToLive < LongestTimeToLive ? timeToLive : LongestTimeToLive;
        RedisKey[] keys = [RedisCoherenceBus.StateKey, name, CacheNames.TenantDropped(owner)];
        RedisValue[] arguments = [readAt, (long)OldestLoad.TotalMilliseconds, (long)life.TotalMilliseconds, ownerName, payload];
        try
        {
            await redis.GetDatabase()
                .ScriptEvaluateAsync(WriteScript, keys, arguments)
                .WaitAsync(options.AnswerWithin, time);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            Open(failure);
        }
    }

    private TValue? Parse<TValue>(string name, byte[] payload, JsonTypeInfo<TValue> json)
        where TValue : class
    {
        try
        {
            return JsonSerializer.Deserialize(payload, json);
        }
        catch (JsonException failure)
        {
            // Written by another version: as good as none, and overwritten after the load.
            Log.NotUnderstood(logger, name.Split(':')[0], failure.Message);
            return null;
        }
    }

    private void Open(Exception failure)
    {
        CancellationTokenSource waiting;
        lock (_gate)
        {
            if (!IsUsable)
            {
                return;
            }

            Volatile.Write(ref _openedAt, time.GetTimestamp());
            waiting = _released;
            Volatile.Write(ref _released, new());
        }

        Log.LeftAlone(logger, failure.Message);
        waiting.Cancel();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Copies in Redis are left alone until the next renewal of the lease: {Reason}")]
        public static partial void LeftAlone(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "A copy of a {Scope} entry in Redis could not be understood: {Reason}")]
        public static partial void NotUnderstood(ILogger logger, string scope, string reason);
    }
}
