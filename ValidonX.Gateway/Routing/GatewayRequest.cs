using System.Diagnostics;
using ValidonX.Gateway.Admission;
using ValidonX.Gateway.Limits;
using ValidonX.Platform.Routes;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Routing;

/// <summary>What the steps of the pipeline tell each other about one request; a feature of its <see cref="HttpContext"/>.</summary>
internal sealed class GatewayRequest(ApiRoute route, string template, string upstreamPath) : IRateLimitSubject
{
    /// <summary>The group of routes it belongs to.</summary>
    public ApiRoute Route { get; } = route;

    /// <summary>The template of the route.</summary>
    public string Template { get; } = template;

    /// <summary>When it came, by the stopwatch.</summary>
    public long Started { get; } = Stopwatch.GetTimestamp();

    /// <summary>Whose it is, once the tenant is known.</summary>
    public Guid TenantId { get; set; }

    /// <summary>The limit that refused it.</summary>
    public string? RefusedBy { get; set; }

    /// <summary>Path and query for the destination: what was judged, character by character.</summary>
    public string UpstreamPath { get; } = upstreamPath;

    /// <summary>The signed caller context, once the caller is known.</summary>
    public string SignedContext { get; set; } = "";

    /// <summary>The cluster of the tenant or its plan; <see langword="null"/> is the default one.</summary>
    public string? Cluster { get; set; }

    /// <summary>The share of the gateway that the caller takes a place of; <see langword="null"/> is that of anonymous callers.</summary>
    public TenantGate? Gate { get; set; }

    /// <summary>What limits the request; <see langword="null"/> when nothing does.</summary>
    public RateLimitLayers? Layers { get; private set; }

    RateLimitLayers IRateLimitSubject.Layers => Layers ?? throw new InvalidOperationException("Nothing limits this request.");

    /// <summary>Makes the request count against these quotas.</summary>
    public void LimitBy(RateLimitLayers layers, HttpContext context)
    {
        Layers = layers;
        context.Features.Set<IRateLimitSubject>(this);
    }
}
