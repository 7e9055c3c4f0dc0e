using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.Processes;

namespace ValidonX.Tests.NativeHosting;

public sealed class ReplicaProxyTests
{
    [Fact]
    public async Task Connections_go_round_the_replicas_and_past_one_that_is_away()
    {
        using var pool = new PortPool();
        int[] ports = [pool.Reserve(), pool.Reserve(), pool.Reserve()];
        var front = pool.Reserve();
        pool.Release(front);
        using var first = Replica(pool, ports[0], "first");
        using var second = Replica(pool, ports[1], "second");
        pool.Release(ports[2]);
        await using var proxy = new ReplicaProxy(front, ports, _ => true);

        var answers = new List<string>();
        for (var i = 0; i < 6; i++)
            answers.Add(await AskAsync(front));

        Assert.Equal(["first", "second"], answers.Distinct().Order());
        Assert.True(answers.Count(answer => answer == "first") >= 2);
        Assert.True(answers.Count(answer => answer == "second") >= 2);
    }

    [Fact]
    public async Task A_replica_that_is_not_well_is_passed_over_while_another_is()
    {
        using var pool = new PortPool();
        int[] ports = [pool.Reserve(), pool.Reserve()];
        var front = pool.Reserve();
        pool.Release(front);
        using var first = Replica(pool, ports[0], "first");
        using var second = Replica(pool, ports[1], "second");
        await using var proxy = new ReplicaProxy(front, ports, index => index == 1);

        for (var i = 0; i < 4; i++)
            Assert.Equal("second", await AskAsync(front));
    }

    private static TcpListener Replica(PortPool pool, int port, string name)
    {
        pool.Release(port);
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        _ = ServeAsync();
        return listener;

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(name));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
