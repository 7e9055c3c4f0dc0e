using System.Text.Json;

namespace ValidonX.Tests.Gateway.Headers;

[Collection(GatewayCollection.Name)]
public sealed class RequestRejectionTests(GatewayPlatform platform) : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public static TheoryData<string, string> Nonsense => new()
    {
        { "no HTTP at all", "NONSENSE\r\n\r\n" },
        { "no host", "GET /v1/plans HTTP/1.1\r\n\r\n" },
        { "two hosts", "GET /v1/plans HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
        { "a host that is none", "GET /v1/plans HTTP/1.1\r\nHost: a b\r\n\r\n" },
        { "a header without colon", "GET /v1/plans HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n" },
        { "a header with a control character", "GET /v1/plans HTTP/1.1\r\nHost: x\r\nX-A: a\u0000b\r\n\r\n" },
        { "a huge header", $"GET /v1/plans HTTP/1.1\r\nHost: x\r\nX-Big: {new string('a', 100_000)}\r\n\r\n" },
        { "too many headers", $"GET /v1/plans HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: 1\r\n"))}\r\n" },
        { "a huge target", $"GET /v1/{new string('a', 20_000)} HTTP/1.1\r\nHost: x\r\n\r\n" },
        { "a negative length", "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" },
        { "two lengths", "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab" },
        { "a length and chunks that are none", "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n" },
        { "an unknown transfer coding", "POST /auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n" },
        { "a version that is none", "GET /v1/plans HTTP/7.3\r\nHost: x\r\n\r\n" },
        { "a target with a null byte", "GET /v1/%00 HTTP/1.1\r\nHost: x\r\n\r\n" },
        { "a target that is not ASCII", "GET /v1/\u00e4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
        { "a method with a space in front", " GET /v1/plans HTTP/1.1\r\nHost: x\r\n\r\n" },
        { "an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
        { "an authority", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n" },
        { "an unknown route", "GET /v1/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
        { "another version", "GET /v2/plans HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
        { "dots out of the API", "GET /v1/tenant/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
        { "dots into another route", "GET /v1/plans/../admin/tenants HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
        { "another case", "GET /V1/PLANS HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" },
    };

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_request_that_makes_no_sense_gets_the_envelope_and_a_client_error()
    {
        foreach (var (what, request) in Nonsense.Select(row => row.Data))
        {
            var (status, head, body) = await RawHttp.SendAsync(_gateway.Address, request);

            Assert.True(status is >= 400 and < 500, $"{what}: {status}");
            Assert.True(body.StartsWith('{'), $"{what}: no envelope but '{body}' after {head}");
            using var document = JsonDocument.Parse(body);
            Assert.Equal(status, document.RootElement.GetProperty("error").GetProperty("status").GetInt32());
            Assert.NotEmpty(document.RootElement.GetProperty("error").GetProperty("code").GetString()!);
            var id = document.RootElement.GetProperty("meta").GetProperty("request_id").GetString();
            Assert.Contains($"X-Request-ID: {id}", head, StringComparison.Ordinal);
            Assert.Contains("X-ValidonX-API-Version: 1", head, StringComparison.Ordinal);
            Assert.Contains("Content-Type: application/json", head, StringComparison.Ordinal);
            Assert.DoesNotContain("Server:", head, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Empty(_upstream.Requests);
        using var answer = await _gateway.SendAsync(HttpMethod.Get, "/v1/plans");
        Assert.True(answer.IsSuccessStatusCode);
    }
}
