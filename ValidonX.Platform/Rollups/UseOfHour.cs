using StackExchange.Redis;

namespace ValidonX.Platform.Rollups;

/// <summary>One hour of a tenant as Redis has it.</summary>
internal sealed class UseOfHour
{
    private readonly Dictionary<int, Use> _minutes = [];
    private readonly List<RouteUse> _routes = [];

    /// <summary>Adds up what the processes wrote.</summary>
    public UseOfHour(IEnumerable<HashEntry> fields)
    {
        foreach (var field in fields)
        {
            if (field.Name.StartsWith(RollupKeys.Routes))
            {
                _routes.AddRange(RouteUse.Read(field.Value.ToString()));
            }
            else if (RollupKeys.TryMinute(field.Name.ToString(), out var minute) && Use.Parse(field.Value.ToString()) is { } use)
            {
                _minutes[minute] = _minutes.TryGetValue(minute, out var others) ? others.Add(use) : use;
            }
        }
    }

    /// <summary>Its minutes, those without anything left out.</summary>
    public IReadOnlyDictionary<int, Use> Minutes => _minutes;

    /// <summary>Its routes.</summary>
    public IReadOnlyList<RouteUse> Routes => RouteUse.Sum(_routes);

    /// <summary>All of it.</summary>
    public Use Sum() => _minutes.Values.Aggregate(new Use(), (sum, minute) => sum.Add(minute));
}
