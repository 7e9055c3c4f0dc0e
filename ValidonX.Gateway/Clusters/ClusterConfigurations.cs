using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ValidonX.Gateway.Forwarding;
using ValidonX.ServiceDefaults.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ValidonX.Gateway.Clusters;

/// <summary>Gives YARP the clusters in force, and the next ones when they change. There are no YARP routes: the gateway routes itself.</summary>
internal sealed class ClusterConfigurations(IOptions<ForwardingOptions> options) : IProxyConfigProvider
{
    private Snapshot _current = new([]);

    public IProxyConfig GetConfig() => Volatile.Read(ref _current);

    /// <summary>Puts clusters, already checked, in force.</summary>
    public void Replace(IReadOnlyList<ClusterDefinition> definitions) =>
        Interlocked.Exchange(ref _current, new Snapshot([.. definitions.Select(definition => Configure(definition, options.Value))])).SignalChange();

    private static ClusterConfig Configure(ClusterDefinition definition, ForwardingOptions options) =>
        new()
        {
            ClusterId = definition.Name,
            Destinations = definition.Addresses
                .Select(address => address.TrimEnd('/'))
                .ToDictionary(address => address, address => new DestinationConfig { Address = address }, StringComparer.OrdinalIgnoreCase),
            HealthCheck = new HealthCheckConfig
            {
                // With no healthy destination left, trying the unhealthy ones is better than refusing everyone.
                AvailableDestinationsPolicy = "HealthyOrPanic",
                Active = new ActiveHealthCheckConfig
                {
                    Enabled = true,
                    Interval = options.ProbeInterval,
                    Timeout = options.ProbeTimeout,
                    Policy = "ConsecutiveFailures",
                    Path = HealthPaths.Ready,
                },
                // The forwarder reports refused connections itself; YARP wants a policy to be named for its passive state to count.
                Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = options.ReactivationPeriod },
            },
            HttpRequest = new ForwarderRequestConfig
            {
                ActivityTimeout = options.ActivityTimeout,
                Version = System.Net.HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            },
        };

    [SuppressMessage("Design", "CA1001", Justification = "A source that was only ever canceled holds nothing to release.")]
    private sealed class Snapshot : IProxyConfig
    {
        private readonly CancellationTokenSource _changed = new();

        public Snapshot(IReadOnlyList<ClusterConfig> clusters)
        {
            Clusters = clusters;
            ChangeToken = new CancellationChangeToken(_changed.Token);
        }

        public IReadOnlyList<RouteConfig> Routes { get; } = [];

        public IReadOnlyList<ClusterConfig> Clusters { get; }

        public IChangeToken ChangeToken { get; }

        public void SignalChange() => _changed.Cancel();
    }
}
