using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Waits for a MySQL-compatible server to greet: it does so only after it has run its init file.</summary>
internal sealed class MySqlGreetingProbe(int port) : TcpProbe(port)
{
    private const int HeaderLength = 4;
    private const byte ProtocolVersion = 10;

    public override string Name => "mysql";

    protected override async Task<HealthCheckResult> AskAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var greeting = new byte[HeaderLength + 1];
        await stream.ReadExactlyAsync(greeting, cancellationToken);
        if (greeting[HeaderLength] != ProtocolVersion)
        {
            var refusal = new byte[256];
            var length = await stream.ReadAsync(refusal, cancellationToken);
            return HealthCheckResult.Unhealthy($"The server refuses: {Encoding.UTF8.GetString(refusal, 0, length)}");
        }

        return HealthCheckResult.Healthy();
    }
}
