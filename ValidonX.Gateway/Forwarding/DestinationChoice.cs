using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace ValidonX.Gateway.Forwarding;

/// <summary>Chooses among the healthy destinations of a cluster: the less busy one of two random ones.</summary>
internal sealed class DestinationChoice
{
    private readonly ConditionalWeakTable<DestinationState, Load> _loads = [];

    /// <summary>Chooses one that is not among <paramref name="tried"/>; <see langword="null"/> when there is none.</summary>
    public DestinationState? Pick(ClusterState cluster, IReadOnlyList<DestinationState>? tried)
    {
        var available = cluster.DestinationsState.AvailableDestinations;
        if (tried is not null)
        {
            available = [.. available.Where(destination => !tried.Contains(destination))];
        }

        switch (available.Count)
        {
            case 0:
                return null;
            case 1:
                return available[0];
            default:
                var first = Random.Shared.Next(available.Count);
                var second = Random.Shared.Next(available.Count - 1);
                second += second >= first ? 1 : 0;
                return LoadOf(available[first]).UnderWay <= LoadOf(available[second]).UnderWay ? available[first] : available[second];
        }
    }

    /// <summary>The load that this process puts on a destination.</summary>
    public Load LoadOf(DestinationState destination) => _loads.GetValue(destination, static _ => new Load());

    /// <summary>Requests under way to one destination.</summary>
    internal sealed class Load
    {
        private int _underWay;

        public int UnderWay => Volatile.Read(ref _underWay);

        public void Begin() => Interlocked.Increment(ref _underWay);

        public void End() => Interlocked.Decrement(ref _underWay);
    }
}
