using System.Net;
using ValidonX.Platform.Callers;

namespace ValidonX.Tests.Gateway.Routing;

[Collection(GatewayCollection.Name)]
public sealed class RoutingTests(GatewayPlatform platform) : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
        _key = await platform.KeyAsync(await platform.TenantAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_target_arrives_byte_for_byte_without_the_alias()
    {
        foreach (var (sent, received) in new[]
        {
            ("/v1/integration/licenses/A-B/validate?x=1&y=%20z", "/v1/integration/licenses/A-B/validate?x=1&y=%20z"),
            ("/api/v1/integration/licenses/A-B/validate?x=1", "/v1/integration/licenses/A-B/validate?x=1"),
            ("/v1/integration/licenses/a%2Fb%252F%C3%A9/validate", "/v1/integration/licenses/a%2Fb%252F%C3%A9/validate"),
            ("/v1/integration/licenses/a!$&'()*+,;=:@~/validate", "/v1/integration/licenses/a!$&'()*+,;=:@~/validate"),
            ("/v1/integration/licenses/a%3Fb%23c%5Cd%2520/validate", "/v1/integration/licenses/a%3Fb%23c%5Cd%2520/validate"),
            ("http://x/api/v1/integration/licenses/A/validate?q=1", "/v1/integration/licenses/A/validate?q=1"),
        })
        {
            var (status, _, _) = await RawHttp.SendAsync(
                _gateway.Address,
                $"POST {sent} HTTP/1.1\r\nHost: x\r\nX-API-Key: {_key}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

            Assert.Equal(200, status);
            Assert.Equal(received, _upstream.Last.Target);
        }
    }

    [Theory]
    [InlineData("/v1/plans")]
    [InlineData("/api/v1/plans")]
    [InlineData("/v1/auth/register")]
    [InlineData("/.well-known/jwks.json?tenant=acme")]
    [InlineData("/.well-known/revocations?tenant=acme")]
    public async Task Public_routes_are_forwarded_with_an_anonymous_context(string path)
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(CallerKind.Anonymous, _upstream.Last.Caller!.Kind);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    [InlineData("/v1/nowhere")]
    [InlineData("/api")]
    [InlineData("/api/auth/login")]
    [InlineData("/api/api/v1/plans")]
    [InlineData("/auth")]
    [InlineData("/health/x")]
    [InlineData("/HEALTH")]
    [InlineData("/health/")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/.well-known/jwks")]
    [InlineData("/docs/")]
    public async Task An_unknown_route_is_refused_by_the_gateway(string path)
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Get, path, _key);

        await answer.IsErrorAsync(HttpStatusCode.NotFound, "ROUTE.NOT_FOUND");
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task An_announced_body_above_a_mebibyte_is_refused_before_it_is_read()
    {
        var (status, _, body) = await RawHttp.SendAsync(
            _gateway.Address,
            $"POST /v1/integration/activations HTTP/1.1\r\nHost: x\r\nX-API-Key: {_key}\r\nContent-Length: 1048577\r\nConnection: close\r\n\r\n");

        Assert.Equal(413, status);
        Assert.Contains("REQUEST.TOO_LARGE", body, StringComparison.Ordinal);
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task A_chunked_body_above_a_mebibyte_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/integration/activations") { Content = new StreamContent(new MemoryStream(new byte[1_100_000])) };
        request.Headers.Add("X-API-Key", _key);
        request.Headers.TransferEncodingChunked = true;

        using var answer = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await answer.IsErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST.TOO_LARGE");
    }

    [Fact]
    public async Task Health_is_told_without_a_caller()
    {
        using var ready = await _gateway.SendAsync(HttpMethod.Get, "/health");
        using var alive = await _gateway.SendAsync(HttpMethod.Get, "/alive");

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }
}
