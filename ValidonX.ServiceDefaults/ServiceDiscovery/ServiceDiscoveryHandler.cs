namespace ValidonX.ServiceDefaults.ServiceDiscovery;

/// <summary>Lets HTTP clients address a service by its name (<c>http://licensing-api/…</c>), in turn over its replicas.</summary>
internal sealed class ServiceDiscoveryHandler(ServiceEndpoints endpoints) : DelegatingHandler
{
    private int _turn;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { IsAbsoluteUri: true } uri && !uri.Host.Contains('.', StringComparison.Ordinal) && endpoints.Of(uri.Host) is { Count: > 0 } known)
        {
            var next = known[(int)((uint)Interlocked.Increment(ref _turn) % (uint)known.Count)];
            request.RequestUri = new UriBuilder(uri) { Scheme = next.Scheme, Host = next.Host, Port = next.Port }.Uri;
        }

        return base.SendAsync(request, cancellationToken);
    }
}
