using System.Globalization;
using StackExchange.Redis;

namespace ValidonX.Coherence;

/// <summary>
/// <see cref="ICoherenceBus"/> on one Redis: the registry and the numbers in one hash that scripts change, by the clock of the server; changes and
/// acknowledgements by publish/subscribe.
/// </summary>
internal sealed class RedisCoherenceBus(IConnectionMultiplexer redis, CoherenceOptions options) : ICoherenceBus
{
    /// <summary>The hash that state.lua describes.</summary>
    internal const string StateKey = "vx:coherence";

    private const string ChangesChannel = "vx:coherence:changes";
    private const string AcknowledgementsChannel = "vx:coherence:acknowledgements";

    private static readonly string RenewScript = ScriptText.Load(typeof(RedisCoherenceBus), "state.lua", "renew.lua");
    private static readonly string PublishScript = ScriptText.Load(typeof(RedisCoherenceBus), "state.lua", "publish.lua");

    public async Task SubscribeAsync(string replica, Action<Change> onChange, Action<Acknowledgement> onAcknowledged)
    {
        var subscriber = redis.GetSubscriber();
        await Task.WhenAll(
            subscriber.SubscribeAsync(Channel(ChangesChannel), (_, message) => Hear(message, ParseChange, onChange)),
            subscriber.SubscribeAsync(Channel(AcknowledgementsChannel), (_, message) => Hear(message, ParseAcknowledgement, onAcknowledged)),
            subscriber.SubscribeAsync(
                Channel($"{AcknowledgementsChannel}:{replica}"),
                (_, message) => Hear(message, ParseAcknowledgement, onAcknowledged))).WaitAsync(options.AnswerWithin);
    }

    public async Task<Renewal> RenewAsync(string replica, CancellationToken cancellationToken)
    {
        var reply = await EvaluateAsync(RenewScript, [replica, Milliseconds(options.Lease)], cancellationToken);
        return new((string)reply[0]!, (long)reply[1]);
    }

    public async Task<Publication> PublishAsync(string sender, IReadOnlyCollection<Invalidation> changes, CancellationToken cancellationToken)
    {
        var reply = await EvaluateAsync(
            PublishScript,
            [sender, ChangesChannel, string.Join('\n', changes.Select(change => change.Name)), Milliseconds(options.Lease)],
            cancellationToken);

        var leases = new Dictionary<string, TimeSpan>();
        for (var i = 3; i + 1 < reply.Length; i += 2)
        {
            leases[(string)reply[i]!] = TimeSpan.FromMilliseconds((long)reply[i + 1]);
        }

        return new((string)reply[0]!, (long)reply[1], TimeSpan.FromMilliseconds((long)reply[2]), leases);
    }

    public Task AcknowledgeAsync(string? sender, Acknowledgement acknowledgement, CancellationToken cancellationToken) =>
        redis.GetSubscriber()
            .PublishAsync(
                Channel(sender is null ? AcknowledgementsChannel : $"{AcknowledgementsChannel}:{sender}"),
                string.Create(CultureInfo.InvariantCulture, $"{acknowledgement.Epoch}\n{acknowledgement.Replica}\n{acknowledgement.Sequence}"))
            .WaitAsync(options.AnswerWithin, cancellationToken);

    public Task LeaveAsync(string replica, CancellationToken cancellationToken) =>
        redis.GetDatabase().HashDeleteAsync(StateKey, $"lease:{replica}").WaitAsync(options.AnswerWithin, cancellationToken);

    private async Task<RedisResult[]> EvaluateAsync(string script, RedisValue[] arguments, CancellationToken cancellationToken) =>
        (RedisResult[])(await redis.GetDatabase().ScriptEvaluateAsync(script, [StateKey], arguments).WaitAsync(options.AnswerWithin, cancellationToken))!;

    private static void Hear<T>(RedisValue message, Func<string[], T?> parse, Action<T> handle)
        where T : class
    {
        // What does not parse is not ours. Nothing is lost by leaving it out: a change that is not heard leaves a gap in the numbers.
        if (parse(((string?)message ?? "").Split('\n')) is { } heard)
        {
            handle(heard);
        }
    }

    private static Change? ParseChange(string[] lines)
    {
        if (lines.Length < 4 || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return null;
        }

        var invalidations = new List<Invalidation>(lines.Length - 3);
        foreach (var name in lines.AsSpan(3))
        {
            // A name that a newer version uses and this one does not know may mean anything, so it means everything.
            invalidations.Add(Invalidation.TryParse(name, out var invalidation) ? invalidation : Invalidation.Everything);
        }

        return new(lines[0], sequence, lines[2], invalidations);
    }

    private static Acknowledgement? ParseAcknowledgement(string[] lines) =>
        lines.Length == 3 && long.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new(lines[0], lines[1], sequence)
            : null;

    /// <summary>The channel of exactly this name, no pattern.</summary>
    private static RedisChannel Channel(string name) => RedisChannel.Literal(name);

    private static long Milliseconds(TimeSpan duration) => (long)duration.TotalMilliseconds;
}
