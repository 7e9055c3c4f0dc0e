using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace ValidonX.Gateway.Forwarding;

/// <summary>Chooses among the healthy destinations of a cluster: the less busy one of two random ones.</summary>
internal sealed class DestinationChoice
{
    private readonly ConditionalWeakTable<DestinationState, StrongBox<int>> _loads = [];

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
                return UnderWay(available[first]) <= UnderWay(available[second]) ? available[first] : available[second];
        }
    }

    /// <summary>Counts a request to a destination until <see cref="DestinationLoad.End"/>. With only one destination nothing is counted.</summary>
    public DestinationLoad Begin(ClusterState cluster, DestinationState destination)
    {
        if (!cluster.IsRedundant())
        {
            return default;
        }

        var load = LoadOf(destination);
        Interlocked.Increment(ref load.Value);
        return new DestinationLoad(load);
    }

    private int UnderWay(DestinationState destination) => Volatile.Read(ref LoadOf(destination).Value);

    private StrongBox<int> LoadOf(DestinationState destination) => _loads.GetValue(destination, static _ => new StrongBox<int>());
}

/// <summary>One request under way to one destination.</summary>
internal readonly struct DestinationLoad(StrongBox<int>? count)
{
    /// <summary>The request has ended. Returns what may be ended again without effect.</summary>
    public DestinationLoad End()
    {
        if (count is not null)
        {
            Interlocked.Decrement(ref count.Value);
        }

        return default;
    }
}

/// <summary>Facts about a cluster.</summary>
internal static class ClusterFacts
{
    /// <summary>Whether there is more than one destination.</summary>
    public static bool IsRedundant(this ClusterState cluster) => cluster.DestinationsState.AllDestinations.Count > 1;
}
