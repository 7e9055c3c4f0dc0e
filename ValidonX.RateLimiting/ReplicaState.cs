using System.Collections.Concurrent;

namespace ValidonX.RateLimiting;

internal enum LinkState
{
    /// <summary>Redis cannot be reached or does not know this gateway: it spends what it holds and its own share of new windows.</summary>
    Away,

    /// <summary>Redis answers again and is being told what was spent meanwhile: nothing new is begun on the gateway's own account.</summary>
    Returning,

    /// <summary>Redis is asked for leases.</summary>
    Connected,
}

/// <summary>What this gateway is to the others: its name, its epoch, its share, and whether it can reach Redis.</summary>
internal sealed class ReplicaState(LeasingOptions options, TimeProvider time, ServerClock clock)
{
    private readonly List<(long From, long Share)> _shares = [(long.MinValue, 0)];
    private readonly ConcurrentDictionary<string, long> _givenUp = new(StringComparer.Ordinal);
    private volatile LinkState _link = LinkState.Away;
    private long _sequence;
    private long _lastBeatExpiry = long.MinValue;
    private bool _hasJoined;

    public LeasingOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    public ServerClock Clock { get; } = clock;

    /// <summary>Held while something is begun on the gateway's own account and while <see cref="Link"/> changes, so that a return misses nothing.</summary>
    public Lock Transition { get; } = new();

    public string ReplicaId { get; set; } = options.ReplicaId;

    /// <summary>Grows with every start of the same replica.</summary>
    public long Incarnation { get; set; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    public LinkState Link
    {
        get => _link;
        set => _link = value;
    }

    /// <summary>Which life of Redis's memory this gateway takes part in; empty before the first.</summary>
    public string Epoch { get; private set; } = "";

    /// <summary>The membership that this gateway has last been told of.</summary>
    public long Version { get; private set; }

    public string Members { get; private set; } = "";

    public int Replicas { get; private set; } = options.Replicas;

    /// <summary>1 / this of every quota is withheld for this gateway in windows it has not been seen in; 0: nothing.</summary>
    public long Share => _shares[^1].Share;

    public bool HasJoined => _hasJoined;

    public string Writer => $"{ReplicaId}/{Incarnation}";

    public long NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>A beat is about to be sent that can act until <paramref name="expiry"/>: from then on the gateway may count as seen.</summary>
    public void BeatSent(long expiry) => Volatile.Write(ref _lastBeatExpiry, Math.Max(_lastBeatExpiry, expiry));

    /// <summary>Takes in the reply of a beat.</summary>
    public void Joined(LeaseReply reply)
    {
        lock (Transition)
        {
            Epoch = reply.Epoch;
            Version = reply.Integer(5);
            Replicas = (int)reply.Integer(6);
            Members = reply.Text(8);
            var share = reply.Integer(7);
            if (Share == 0 && reply.Integer(10) == 1)
            {
                _shares[^1] = (long.MinValue, share); // Nothing was spent before: it counts in the windows that have begun, too.
                _shares.RemoveRange(0, _shares.Count - 1);
            }

            if (share != Share) _shares.Add((reply.Now, share));
            if (_shares.Count > 64)
            {
                _shares[1] = (_shares[1].From, _shares[0].Share == 0 || _shares[1].Share == 0 ? 0 : Math.Max(_shares[0].Share, _shares[1].Share));
                _shares.RemoveAt(0);
            }

            _hasJoined = true;
        }
    }

    /// <summary>Starts over under another name, with no share: another process uses the old one.</summary>
    public void Rename(string replicaId)
    {
        lock (Transition)
        {
            ReplicaId = replicaId;
            Epoch = "";
            Version = 0;
            Members = "";
            _shares.Clear();
            _shares.Add((long.MinValue, 0));
        }
    }

    /// <summary>This gateway has left: nothing is withheld for it any more.</summary>
    public void Left()
    {
        lock (Transition)
        {
            _shares.Clear();
            _shares.Add((long.MinValue, 0));
        }
    }

    /// <summary>
    /// Units of a window that are this gateway's without anyone's grant: its share when it has not been seen in the window, else a small
    /// part of it. The script withholds as much (<c>share_of</c>, <c>untouched_of</c>).
    /// </summary>
    /// <param name="key">The window's key in Redis.</param>
    /// <param name="start">Its start on Redis's clock.</param>
    /// <param name="quota">The policy's quota.</param>
    /// <param name="away">Whether Redis cannot be asked; the caller then holds <see cref="Transition"/>.</param>
    public long OwnRight(string key, long start, long quota, bool away)
    {
        if (_givenUp.ContainsKey(key)) return 0;
        if (!_hasJoined) return Options.ServeBeforeFirstContact && away ? quota / Options.Replicas : 0;
        var share = ShareSince(start);
        if (share == 0) return 0;
        var whole = quota / share;
        var unseen = away && Volatile.Read(ref _lastBeatExpiry) < start;
        return unseen ? whole : Math.Max(quota / (share * 25), whole >= 8 ? 1 : 0);
    }

    /// <summary>Gives up the own right in a window that others need; remembered until the window's end.</summary>
    public void GiveUpOwnRight(string key, long end) => _givenUp[key] = end;

    public void Sweep(long serverNow)
    {
        foreach (var (key, end) in _givenUp)
        {
            if (end < serverNow) _givenUp.TryRemove(key, out _);
        }
    }

    /// <summary>The smallest share this gateway had at any instant since <paramref name="start"/>: what was surely withheld all the time.</summary>
    private long ShareSince(long start)
    {
        lock (Transition)
        {
            long smallest = 1;
            for (var i = _shares.Count - 1; i >= 0; i--)
            {
                var (from, share) = _shares[i];
                if (share == 0) return 0;
                smallest = Math.Max(smallest, share);
                if (from < start) break;
            }

            return smallest;
        }
    }
}
