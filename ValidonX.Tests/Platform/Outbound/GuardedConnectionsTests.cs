using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Outbound;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Tests.Platform.Outbound;

/// <summary>What tenants have us call leads to hosts of the internet and nowhere else.</summary>
public sealed class GuardedConnectionsTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("ff02::1", false)]
    public void An_address_is_a_host_of_the_internet_or_it_is_not(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.7")]
    [InlineData("169.254.169.254")]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData]
    public async Task A_name_that_leads_to_an_address_of_ours_leads_nowhere(params string[] addresses)
    {
        using var documents = Documents(addresses, allowsLoopback: false);

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => documents.GetDocumentAsync("https://issuer.example/keys", TestContext.Current.CancellationToken));

        Assert.Contains("not public", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://issuer.example/keys")]
    [InlineData("http://127.0.0.1/keys")]
    [InlineData("https://user:password@issuer.example/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://issuer.example/")]
    public async Task Only_addresses_under_TLS_are_called(string address)
    {
        using var documents = Documents(["8.8.8.8"], allowsLoopback: false);

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => documents.GetDocumentAsync(address, TestContext.Current.CancellationToken));

        Assert.Contains("not one that may be called", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_development_this_machine_may_be_called_and_still_no_other()
    {
        using var documents = Documents(["10.0.0.7"], allowsLoopback: true);

        await Assert.ThrowsAsync<HttpRequestException>(() => documents.GetDocumentAsync("https://issuer.example/keys", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFF\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")]
    [InlineData("")]
    public async Task Whoever_redirects_sends_too_much_or_too_slowly_is_left(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, answer);
        var documents = Documents(["127.0.0.1"], allowsLoopback: true);

        var failure = await Assert.ThrowsAnyAsync<Exception>(
            () => documents.GetDocumentAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/keys", TestContext.Current.CancellationToken));

        Assert.True(failure is HttpRequestException or TaskCanceledException, failure.ToString());
        documents.Dispose();
        listener.Stop();
        await serving;
    }

    private static IssuerDocuments Documents(string[] addresses, bool allowsLoopback) => new(
        (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray()),
        Options.Create(new SingleSignOnOptions { AllowLoopback = allowsLoopback, FetchTimeout = TimeSpan.FromMilliseconds(300) }));

    private static async Task ServeAsync(TcpListener listener, string answer)
    {
        try
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.SendAsync(Encoding.ASCII.GetBytes(answer + (answer.Contains("FFFFFF", StringComparison.Ordinal) ? new string('x', 600_000) : "")));
            await socket.ReceiveAsync(new byte[4096]);
            // Until the other end has gone.
            while (await socket.ReceiveAsync(new byte[4096]) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // It has.
        }
    }
}
