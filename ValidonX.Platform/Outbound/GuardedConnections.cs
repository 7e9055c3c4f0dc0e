using System.Net;
using System.Net.Sockets;

namespace ValidonX.Platform.Outbound;

/// <summary>
/// Connects only to hosts of the internet. A name is resolved once and the very addresses that were judged are connected to, so that no second answer of a name server
/// leads elsewhere; a name with one address that is not public has none. Redirects are not followed, since whoever is allowed to be called could send us anywhere.
/// </summary>
/// <param name="lookup">Resolves names.</param>
/// <param name="allowsLoopback">In development: also this machine.</param>
public sealed class GuardedConnections(HostLookup lookup, bool allowsLoopback)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    // A name that points elsewhere from now on is noticed.
    private static readonly TimeSpan PooledLife = TimeSpan.FromMinutes(2);

    private const int MaximumHeaderKilobytes = 32;

    /// <summary>A handler for clients whose targets somebody else chooses.</summary>
    public SocketsHttpHandler CreateHandler() =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = PooledLife,
            MaxResponseHeadersLength = MaximumHeaderKilobytes,
            ConnectCallback = ConnectAsync,
        };

    /// <summary>Whether an address may be called at all, before anything is resolved: over TLS, or this machine in development.</summary>
    public bool Allows(Uri address) =>
        address.IsAbsoluteUri && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (allowsLoopback && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint;
        var addresses = await lookup(host.Host, cancellationToken);
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, address => PublicAddress.Is(address) || (allowsLoopback && IPAddress.IsLoopback(address))))
        {
            // Not which: what a name means inside our network is nobody's business.
            throw new HttpRequestException("The host has no address, or one that is not public.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
