using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using ValidonX.Gateway.Admission;
using ValidonX.Gateway.Clusters;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Api;
using ValidonX.RateLimiting;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ValidonX.Gateway.Forwarding;

/// <summary>
/// The end of the pipeline: takes the tenant's place in the gateway, sends the request to a destination of its cluster through YARP's
/// forwarder, to another one where that is safe, and answers itself when none did. It uses YARP's clusters, health and forwarder, not its
/// routing pipeline; see docs/decisions/0007-gateway-path.md.
/// </summary>
internal sealed partial class UpstreamForwarder(
    IHttpForwarder forwarder,
    IProxyStateLookup clusters,
    IDestinationHealthUpdater health,
    DestinationChoice choice,
    TenantGates gates,
    BodyReceipt bodies,
    RetryBudget budget,
    LeaseEngine limits,
    IHostApplicationLifetime lifetime,
    IOptions<ForwardingOptions> options,
    ILogger<UpstreamForwarder> logger)
{
    private readonly ForwardingOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, bool> _unknownClusters = new(StringComparer.Ordinal);

    /// <summary>Answers the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Features.GetRequiredFeature<GatewayRequest>();
        await bodies.WaitAsync(context);
        var gate = request.Gate ?? gates.Anonymous;
        if (!gate.TryEnter())
        {
            await RefuseAsync(context, ApiErrors.Unavailable);
            return;
        }

        var load = default(DestinationLoad);
        // Nobody waits for the end of a stream when this gateway stops: who watches goes on with another one.
        using var stop = request.Route.IsWatch ? lifetime.ApplicationStopping.Register(context.Abort) : default;
        try
        {
            if (ClusterOf(request) is not { } cluster || choice.Pick(cluster, tried: null) is not { } destination)
            {
                await RefuseAsync(context, ApiErrors.Unavailable);
                return;
            }

            var exchange = new UpstreamExchange(request, budget, limits);
            var replayable = request.Route.IsRepeatable(context.Request.Method)
                && (ReplayableBody.IsAbsent(context) || (cluster.IsRedundant() && await ReplayableBody.KeepAsync(context)));
            exchange.DropsUnavailable = replayable && cluster.IsRedundant() && _options.MaximumAttempts > 1;

            if (replayable)
            {
                budget.Deposit();
            }

            // The first attempt is made here, in one state machine with all before it; nearly every request needs no other.
            load = choice.Begin(cluster, destination);
            var error = await SendAsync(context, cluster, destination, exchange);
            if (error != ForwarderError.None || exchange.WasUnavailable)
            {
                load = load.End();
                await TryOthersAsync(context, cluster, destination, exchange, replayable, error);
            }
        }
        finally
        {
            load.End();
            gate.Leave();
        }
    }

    /// <summary>Goes on after a failed first attempt.</summary>
    private async Task TryOthersAsync(
        HttpContext context,
        ClusterState cluster,
        DestinationState destination,
        UpstreamExchange exchange,
        bool replayable,
        ForwarderError error)
    {
        var tried = new List<DestinationState>();
        for (var attempt = 1; ; attempt++)
        {
            if ((error == ForwarderError.None && !exchange.WasUnavailable)
                || context.Response.HasStarted
                || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var neverArrived = Repetition.NeverArrived(error, context.Features.Get<IForwarderErrorFeature>()?.Exception);
            if (neverArrived)
            {
                Log.Refused(logger, destination.DestinationId, cluster.ClusterId);
                health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, _options.ReactivationPeriod);
            }

            var again = neverArrived || (replayable && (exchange.WasUnavailable || (Repetition.BrokeBeforeAnswer(error) && budget.TryWithdraw())));
            if (!again || attempt >= _options.MaximumAttempts)
            {
                var problem = context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetType().Name ?? "no exception";
                Log.Failed(logger, destination.DestinationId, cluster.ClusterId, error, problem, RequestIds.Of(context));
                await AnswerAsync(context);
                return;
            }

            tried.Add(destination);
            Forget(context, exchange);
            // When all were tried, one of them again: it may itself be a balancer in front of several.
            destination = choice.Pick(cluster, tried) ?? choice.Pick(cluster, tried: null) ?? destination;
            exchange.DropsUnavailable = replayable && cluster.IsRedundant() && attempt + 1 < _options.MaximumAttempts;
            var load = choice.Begin(cluster, destination);
            try
            {
                error = await SendAsync(context, cluster, destination, exchange);
            }
            finally
            {
                load.End();
            }
        }
    }

    private ValueTask<ForwarderError> SendAsync(HttpContext context, ClusterState cluster, DestinationState destination, UpstreamExchange exchange) =>
        forwarder.SendAsync(
            context,
            destination.Model.Config.Address,
            cluster.Model.HttpClient,
            cluster.Model.Config.HttpRequest ?? ForwarderRequestConfig.Empty,
            exchange);

    /// <summary>A cluster that is named but not configured must not take its tenants down: the default one serves them.</summary>
    private ClusterState? ClusterOf(GatewayRequest request)
    {
        if (request.Cluster is { } name)
        {
            if (clusters.TryGetCluster(name, out var own))
            {
                return own;
            }

            if (_unknownClusters.TryAdd(name, true))
            {
                Log.UnknownCluster(logger, name);
            }
        }

        return clusters.TryGetCluster(ClusterNames.Default, out var shared) ? shared : null;
    }

    private static void Forget(HttpContext context, UpstreamExchange exchange)
    {
        exchange.WasUnavailable = false;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        context.Features.Set<IForwarderErrorFeature>(null);
        ReplayableBody.Rewind(context);
    }

    private Task AnswerAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        return RefuseAsync(context, context.Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => ApiErrors.Malformed("The request's body cannot be read."),
            StatusCodes.Status408RequestTimeout => ApiErrors.BodyTooSlow,
            StatusCodes.Status413PayloadTooLarge => ApiErrors.RequestTooLarge,
            StatusCodes.Status504GatewayTimeout => ApiErrors.GatewayTimeout,
            _ => ApiErrors.BadGateway,
        });
    }

    private Task RefuseAsync(HttpContext context, ApiError error)
    {
        RateLimitHeaders.Write(context, limits);
        return Envelope.WriteErrorAsync(context, error);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Destination {Destination} of cluster {Cluster} refused a connection; it is left alone for a while.")]
        public static partial void Refused(ILogger logger, string destination, string cluster);

        [LoggerMessage(3, LogLevel.Warning, "Destination {Destination} of cluster {Cluster} failed ({Error}, {Problem}) for request {RequestId}.")]
        public static partial void Failed(ILogger logger, string destination, string cluster, ForwarderError error, string problem, string requestId);

        [LoggerMessage(2, LogLevel.Warning, "Cluster {Cluster} is named by a tenant or plan but not configured; the default cluster serves it.")]
        public static partial void UnknownCluster(ILogger logger, string cluster);
    }
}
