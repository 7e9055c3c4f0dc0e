using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace ValidonX.Gateway.Forwarding;

/// <summary>The connections to the licensing APIs: many, long-lived, opened quickly or not at all.</summary>
internal sealed class UpstreamClientFactory(ILogger<ForwarderHttpClientFactory> logger, IOptions<ForwardingOptions> options)
    : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        var timeout = options.Value.ConnectTimeout;
        // The callback's own limit tells "never connected", after which anything may be sent elsewhere, from every other timeout.
        handler.ConnectTimeout = timeout * 2;
        handler.ConnectCallback = (connection, cancellationToken) => ConnectAsync(connection.DnsEndPoint, timeout, cancellationToken);
        // What a caller may put into a header beyond ASCII must reach the API instead of failing here.
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8;
        // No span of the call beside those of its two ends: the exchange names the gateway's as the parent of the API's.
        handler.ActivityHeadersPropagator = null;
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1);
        if (options.Value.CertificateAuthority is { Length: > 0 } file)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(file);
            handler.SslOptions.CertificateChainPolicy = policy;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(timeout);
            try
            {
                await socket.ConnectAsync(address, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
