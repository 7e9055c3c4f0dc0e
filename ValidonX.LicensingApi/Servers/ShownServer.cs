using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Servers;

/// <summary>A database server that tenants live on.</summary>
/// <param name="Name">Its name, unique.</param>
/// <param name="Host">Where it is.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Region">Its region.</param>
/// <param name="Class">For many tenants or for one.</param>
/// <param name="Capacity">How many tenants it takes.</param>
/// <param name="ConfiguredCapacity">How many it would take without an operator's say.</param>
/// <param name="AcceptsTenants">Whether it takes new ones; false while it is drained.</param>
/// <param name="Tenants">How many live on it.</param>
/// <param name="Load">Tenants divided by capacity.</param>
/// <param name="CreatedAt">When it was registered.</param>
internal sealed record ShownServer(
    [property: Example("eu-1")] string Name,
    [property: Example("mysql-eu-1.internal")] string Host,
    [property: Example("3306")] long Port,
    [property: Example("eu")] string Region,
    [property: Words("shared", "dedicated")] string Class,
    long Capacity,
    long ConfiguredCapacity,
    bool AcceptsTenants,
    long Tenants,
    double Load,
    DateTimeOffset CreatedAt);

/// <summary>Which servers a list shows.</summary>
internal sealed record ServerFilter
{
    /// <summary>Only those of this region.</summary>
    [Code(64)]
    [Example("eu")]
    public string? Region { get; init; }

    /// <summary>Only those for many tenants, or for one.</summary>
    [Words("shared", "dedicated")]
    public string? Class { get; init; }
}

/// <summary>How an operator steers a server; what is absent stays.</summary>
internal sealed record ServerChange : IRequest
{
    /// <summary>Whether it takes new tenants; false drains it.</summary>
    public bool? AcceptsTenants { get; init; }

    /// <summary>How many tenants it takes; null is as it is configured.</summary>
    [Whole(0, 1_000_000)]
    [Example("500")]
    public Given<long?> Capacity { get; init; }
}

/// <summary>The answer that holds one server.</summary>
internal sealed record ServerAnswer(ShownServer Server);
