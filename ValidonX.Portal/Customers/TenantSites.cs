using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>Which hosts the portal itself has.</summary>
internal sealed class HostOptions
{
    /// <summary>The portal's own hosts. Where they are told, whatever comes by another one is for a tenant's customers, or for nobody. Without, the gateway is asked whether a host is a tenant's.</summary>
    public IList<string> Hosts { get; init; } = [];

    /// <summary>The domain under which each tenant has a subdomain, for links to customers' pages; none by default.</summary>
    public string? BaseDomain { get; set; }
}

/// <summary>Whose a host is, as the gateway says; remembered for half a minute, since every page asks.</summary>
internal sealed class TenantSites(GatewayConnections gateway, IOptions<HostOptions> options) : IDisposable
{
    private const int MostHosts = 10_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _own = new(options.Value.Hosts, StringComparer.OrdinalIgnoreCase);
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostHosts });

    /// <summary>Finds whose it is.</summary>
    /// <param name="host">The host of the request.</param>
    /// <param name="visitor">Where the visitor is.</param>
    /// <param name="cancellationToken">The visitor has gone.</param>
    /// <returns>Whether the gateway could be asked; and the tenant's site, null for a host of the portal's own.</returns>
    public async Task<(bool IsKnown, TenantSite? Site)> FindAsync(string host, IPAddress? visitor, CancellationToken cancellationToken)
    {
        if (_own.Contains(host) || !host.Contains('.', StringComparison.Ordinal) || IPAddress.TryParse(host, out _))
        {
            return (true, null);
        }

        if (_known.TryGetValue(host, out TenantSite? site))
        {
            return (true, site);
        }

        try
        {
            site = await AskAsync(host, visitor, cancellationToken);
        }
        catch (Exception away) when (away is HttpRequestException or JsonException or IOException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (false, null);
        }

        _known.Set(host, site, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptFor });
        return (true, site);
    }

    /// <inheritdoc/>
    public void Dispose() => _known.Dispose();

    private async Task<TenantSite?> AskAsync(string host, IPAddress? visitor, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/customer/branding") { Headers = { Host = host } };
        if (visitor is not null)
        {
            request.Headers.Add("X-Forwarded-For", visitor.ToString());
        }

        using var patient = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patient.CancelAfter(Patience);
        using var response = await gateway.Http.SendAsync(request, patient.Token);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => new TenantSite(host, (await response.Content.ReadFromJsonAsync<Answered>(GatewayApi.Json, patient.Token))!.Data),
            HttpStatusCode.Forbidden => new TenantSite(host, null),
            HttpStatusCode.NotFound => _own.Count > 0 ? new TenantSite(host, null) : null,
            _ => throw new HttpRequestException($"The gateway answered {(int)response.StatusCode}."),
        };
    }

    private sealed record Answered(Branding Data);
}
