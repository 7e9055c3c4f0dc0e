using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ValidonX.Portal.Gateway;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What pages are told by a gateway that does not answer as it should: a sentence, never an exception.</summary>
public sealed class GatewayApiTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_nobody_listens_it_says_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        using var connections = At(port);

        Assert.Same(Problem.Unreachable, (await new GatewayApi(connections, new HttpContextAccessor()).GetAsync<object>("/v1/plans")).Problem);
        Assert.Same(Problem.Unreachable, (await new GatewayApi(connections, new HttpContextAccessor()).PostAsync<object>("/v1/plans", new { })).Problem);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<!DOCTYPE", 0)]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops", 502)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", 503)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":", 0)]
    public async Task Nonsense_is_no_answer(string raw, int status)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var connections = At(((IPEndPoint)listener.LocalEndpoint).Port);
        var asked = new GatewayApi(connections, new HttpContextAccessor()).PostAsync<object>("/v1/plans");
        using (var client = await listener.AcceptTcpClientAsync(Cancellation))
        {
            await client.GetStream().ReadExactlyAsync(new byte[20], Cancellation);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(raw), Cancellation);
            client.Client.Shutdown(SocketShutdown.Send);
            var problem = (await asked).Problem!;
            Assert.Equal((status, Problem.Unreachable.Message), (problem.Status, problem.Message));
        }
    }

    private static GatewayConnections At(int port) => new(Options.Create(new GatewayOptions { Address = $"http://127.0.0.1:{port}" }));
}
