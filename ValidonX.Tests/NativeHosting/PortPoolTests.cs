using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.Processes;

namespace ValidonX.Tests.NativeHosting;

public sealed class PortPoolTests
{
    [Fact]
    public void Two_stacks_never_reserve_the_same_port()
    {
        using var one = new PortPool();
        using var other = new PortPool();
        var port = one.Reserve();

        Assert.Throws<DistributedApplicationException>(() => other.Reserve(port, "gateway"));
        one.Release(port);
        Assert.Equal(port, other.Reserve(port, "gateway"));
    }

    [Fact]
    public void A_taken_port_is_named_together_with_who_needs_it()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var pool = new PortPool();

        var exception = Assert.Throws<DistributedApplicationException>(() => pool.Reserve(port, "gateway"));

        Assert.StartsWith($"Port {port}, which 'gateway' needs, is taken by another process", exception.Message, StringComparison.Ordinal);
    }
}
