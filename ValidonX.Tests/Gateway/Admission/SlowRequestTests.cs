using System.Net;
using System.Net.Sockets;
using System.Text;
using ValidonX.Gateway.Admission;
using ValidonX.Platform.Routes;

namespace ValidonX.Tests.Gateway.Admission;

/// <summary>Who sends slowly holds a connection for a while, and nothing else.</summary>
[Collection(GatewayCollection.Name)]
public sealed class SlowRequestTests(GatewayPlatform platform) : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(platform, [_upstream.Address], new Dictionary<string, string>
        {
            ["Gateway:Admission:HeaderTimeout"] = "00:00:01",
            ["Gateway:Admission:BodyTimeout"] = "00:00:01",
        });
        _key = await platform.KeyAsync(await platform.TenantAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("POST /v1/integration/activations HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("POST /v1/integration/activations HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")]
    [InlineData("POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")]
    public async Task A_body_that_does_not_come_takes_no_place_and_is_given_up(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _gateway.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request.Replace("{key}", _key, StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        var gates = (TenantGates)_gateway.Services.GetService(typeof(TenantGates))!;
        var most = 0;
        using var answer = new MemoryStream();
        var reading = ReadAsync(stream, answer);
        await Until.TrueAsync(() =>
        {
            most = Math.Max(most, gates.UnderWay);
            return answer.Length > 0;
        });
        await reading;

        var text = Encoding.UTF8.GetString(answer.ToArray());
        Assert.StartsWith("HTTP/1.1 408 ", text, StringComparison.Ordinal);
        Assert.Contains("\"error\"", text, StringComparison.Ordinal);
        Assert.Contains("Connection: close", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, most);
        Assert.Empty(_upstream.Requests);
    }

    /// <summary>Reads until the server closes, which it may do hard, because the rest of the body has not come.</summary>
    private static async Task ReadAsync(NetworkStream stream, MemoryStream answer)
    {
        try
        {
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // What came before counts.
        }
    }

    [Fact]
    public async Task Headers_that_do_not_come_are_given_up()
    {
        var (status, _, body) = await RawHttp.SendAsync(_gateway.Address, "GET /v1/plans HTTP/1.1\r\nHost: x\r\nX-Slow: ");

        Assert.Equal(408, status);
        Assert.Contains("\"error\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_larger_than_a_login_is_refused_from_who_shows_no_credential(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/login") { Content = new ByteArrayContent(new byte[RouteTable.Find("/auth/login", "POST")!.MaximumAnonymousBytes + 1]) };
        request.Headers.TransferEncodingChunked = chunked;

        using var answer = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await answer.IsErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST.TOO_LARGE");
        Assert.Empty(_upstream.Requests);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(BodyReceipt.MaximumBytes)]
    [InlineData(BodyReceipt.MaximumBytes + 1)]
    [InlineData(1_000_000)]
    public async Task A_body_of_any_size_arrives_whole(int size)
    {
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/integration/activations") { Content = new StringContent(new string('x', size)) };
            request.Headers.Add("X-API-Key", _key);
            request.Headers.TransferEncodingChunked = chunked;

            using var answer = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(size, _upstream.Last.Body.Length);
        }
    }
}
