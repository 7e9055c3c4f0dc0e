using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Asks a server over a connection of its own.</summary>
internal abstract class TcpProbe(int port) : IReadinessProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public abstract string Name { get; }

    public async Task<HealthCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var client = new TcpClient(AddressFamily.InterNetwork);
            await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            return await AskAsync(client.GetStream(), limit.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
    }

    protected abstract Task<HealthCheckResult> AskAsync(NetworkStream stream, CancellationToken cancellationToken);
}
