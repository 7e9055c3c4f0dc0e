using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Hosting.Redis;

/// <summary>Asks a Redis server for a sign of life, which it gives once it has loaded its data.</summary>
internal static class RedisCheck
{
    public static async Task AskAsync(string connectionString, CancellationToken cancellationToken)
    {
        // localhost:6379,password=…; a password may contain anything.
        var parts = connectionString.Split(",password=", 2);
        var separator = parts[0].LastIndexOf(':');
        using var client = new TcpClient();
        await client.ConnectAsync(parts[0][..separator], int.Parse(parts[0][(separator + 1)..], CultureInfo.InvariantCulture), cancellationToken);
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await SayAsync(["AUTH", parts[1]], "+OK");
        await SayAsync(["PING"], "+PONG");

        async Task SayAsync(string[] command, string expected)
        {
            var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
            foreach (var part in command)
                request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");

            await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancellationToken);
            var answer = await reader.ReadLineAsync(cancellationToken);
            if (answer != expected)
                throw new IOException($"{command[0]} was answered: {answer ?? "the server closed the connection"}");
        }
    }
}
