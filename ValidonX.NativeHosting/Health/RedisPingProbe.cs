using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Asks a Redis server for a sign of life, which it gives once it has loaded its data.</summary>
internal sealed class RedisPingProbe(int port, string? password) : TcpProbe(port)
{
    public override string Name => "redis";

    protected override async Task<HealthCheckResult> AskAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        if (password is not null && await SendAsync(stream, reader, ["AUTH", password], cancellationToken) is not "+OK" and var refusal)
            return HealthCheckResult.Unhealthy(refusal);

        var answer = await SendAsync(stream, reader, ["PING"], cancellationToken);
        return answer == "+PONG" ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(answer);
    }

    private static async Task<string> SendAsync(NetworkStream stream, StreamReader reader, string[] command, CancellationToken cancellationToken)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command)
            request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");

        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancellationToken);
        return await reader.ReadLineAsync(cancellationToken) ?? "the server closed the connection";
    }
}
