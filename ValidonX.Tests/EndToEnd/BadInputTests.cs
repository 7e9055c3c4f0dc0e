using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Tests.EndToEnd;

/// <summary>Whatever a stranger sends gets the envelope and a 4xx; nothing gets a 500.</summary>
public sealed class BadInputTests
{
    public static TheoryData<string, string> PathsWithBodies => new()
    {
        { "/v1/integration/activations", "app" },
        { "/v1/integration/entitlements/check", "app" },
        { "/v1/integration/usage/record", "app" },
        { "/v1/integration/licensing/resolve", "app" },
        { "/v1/tenant/licenses", "owner" },
        { "/v1/tenant/api-keys", "owner" },
        { "/v1/tenant/products", "owner" },
        { "/v1/admin/tenants", "operator" },
    };

    [Theory]
    [MemberData(nameof(PathsWithBodies))]
    public async Task Every_body_that_cannot_be_read_is_refused(string path, string who)
    {
        var caller = await CallerAsync(who);

        (await caller.SendAsync(HttpMethod.Post, path, Json("{"))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Json("[]"))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Json("null"))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Json("{\"a\":1,\"a\":2}"))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Json(string.Concat(Enumerable.Repeat("{\"a\":", 500)) + "1" + new string('}', 500)))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Bytes([(byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}']))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Bytes([]))).ShouldBe(400, "REQUEST.MALFORMED");
        (await caller.SendAsync(HttpMethod.Post, path, Json("{\"license_key\":\"\\ud800\",\"key\":\"\\ud800\",\"name\":\"\\ud800\"}"))).ShouldBe(422, "VALIDATION.FAILED");
        (await caller.SendAsync(HttpMethod.Post, path, Json("{\"license_key\":{},\"key\":{},\"name\":[],\"code\":true}"))).ShouldBe(422, "VALIDATION.FAILED");
        (await caller.SendAsync(HttpMethod.Post, path, new StringContent("{}", Encoding.UTF8, "text/plain"))).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");
        (await caller.SendAsync(HttpMethod.Post, path, new StringContent("{}", Encoding.Unicode, "application/json"))).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");
    }

    [Fact]
    public async Task A_login_that_cannot_be_read_is_refused()
    {
        // Three in all: what names no address shares the five tries a minute of its sender.
        var nobody = await CallerAsync("nobody");

        (await nobody.SendAsync(HttpMethod.Post, "/auth/login", Json("{"))).ShouldBe(400, "REQUEST.MALFORMED");
        (await nobody.SendAsync(HttpMethod.Post, "/auth/login", new StringContent("{}", Encoding.UTF8, "text/plain"))).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");
        var bad = (await nobody.SendAsync(HttpMethod.Post, "/auth/login", Json("{\"email\":1}"))).ShouldBe(422, "VALIDATION.FAILED");
        Assert.NotNull(bad.Details["email"]);
        Assert.NotNull(bad.Details["password"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_above_one_mebibyte_is_refused(bool chunked)
    {
        using var content = Json($$"""{"license_key":"{{new string('x', (1 << 20) + 1)}}"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/integration/licensing/resolve") { Content = content };
        request.Headers.Add("X-API-Key", (await OwnTenant()).ApiKey);
        if (chunked)
        {
            content.Headers.ContentLength = null;
            request.Headers.TransferEncodingChunked = true;
        }
        else
        {
            // Who announces too much is refused before he sends it; without this he may still be sending when the server closes.
            request.Headers.ExpectContinue = true;
        }

        // A connection of its own: the server closes it, and no other test shall find it in its pool.
        using var http = new HttpClient { BaseAddress = (await Stack.GetAsync()).Gateways[0].BaseAddress };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(response.Headers.ConnectionClose, "The connection is closed without being announced.");
        (await Answer.ReadAsync(response)).ShouldBe(413, "REQUEST.TOO_LARGE");
    }

    [Theory]
    [InlineData("GET", "/v1/nowhere", "nobody")]
    [InlineData("GET", "/", "nobody")]
    [InlineData("GET", "/v1/integration/nowhere", "app")]
    [InlineData("GET", "/v1/tenant/nowhere", "owner")]
    [InlineData("GET", "/v1/admin/nowhere", "operator")]
    [InlineData("GET", "/v2/integration/activations", "app")]
    public async Task An_unknown_route_is_not_found(string method, string path, string who) =>
        (await (await CallerAsync(who)).SendAsync(new HttpMethod(method), path, null)).ShouldBe(404, "ROUTE.NOT_FOUND");

    [Theory]
    [InlineData("GET", "/v1/integration/activations", "app")]
    [InlineData("DELETE", "/v1/integration/licenses/KEY-KEY/validate", "app")]
    [InlineData("PATCH", "/v1/tenant/licenses", "owner")]
    [InlineData("BREW", "/v1/integration/activations", "app")]
    [InlineData("GET", "/auth/login", "nobody")]
    public async Task A_wrong_method_is_not_allowed(string method, string path, string who) =>
        (await (await CallerAsync(who)).SendAsync(new HttpMethod(method), path, null)).ShouldBe(405, "ROUTE.METHOD_NOT_ALLOWED");

    [Theory]
    [InlineData("/v1/integration/licenses/%00/validate")]
    [InlineData("/v1/integration/licenses/%ff%fe/validate")]
    [InlineData("/v1/integration/licenses/%2e%2e%2fadmin/validate")]
    [InlineData("/v1/integration/licenses/a%2fb/validate")]
    [InlineData("/v1/integration/licenses//validate")]
    [InlineData("/v1/integration/licenses/%0d%0aX-Evil:1/validate")]
    [InlineData("/v1/integration/../admin/tenants")]
    [InlineData("/v1/integration/activations/%zz/validate")]
    public async Task An_absurd_path_is_refused_with_the_envelope(string path)
    {
        var (status, body) = await RawAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {(await OwnTenant()).ApiKey}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.InRange(status, 400, 499);
        Assert.Contains("\"error\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absurdly_long_path_is_refused()
    {
        var (status, _) = await RawAsync($"POST /v1/integration/licenses/{new string('a', 7000)}/validate HTTP/1.1\r\nHost: x\r\nX-API-Key: {(await OwnTenant()).ApiKey}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.InRange(status, 400, 499);

        (status, _) = await RawAsync($"POST /v1/{new string('a', 20000)} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.InRange(status, 400, 499);
    }

    [Theory]
    [InlineData("X-API-Key: not-a-key")]
    [InlineData("X-API-Key: ")]
    [InlineData("X-API-Key: vx_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    [InlineData("X-API-Key: vx_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("X-API-Key: a\r\nX-API-Key: b")]
    [InlineData("X-Nothing: 1")]
    public async Task A_key_that_is_none_is_refused_with_401(string header)
    {
        var (status, body) = await RawAsync($"POST /v1/integration/licenses/ABC-DEF/validate HTTP/1.1\r\nHost: x\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.Equal(401, status);
        Assert.Contains("AUTH.INVALID_API_KEY", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absurd_header_is_refused_and_the_next_request_is_served()
    {
        foreach (var request in new[]
        {
            $"GET /v1/plans HTTP/1.1\r\nHost: x\r\nX-Big: {new string('a', 100_000)}\r\nConnection: close\r\n\r\n",
            "GET /v1/plans HTTP/1.1\r\nHost: x\r\nBad Header\r\nConnection: close\r\n\r\n",
            "GET /v1/plans HTTP/1.1\r\n\r\n",
            "NONSENSE\r\n\r\n",
            "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
        })
        {
            var (status, _) = await RawAsync(request);
            Assert.InRange(status, 400, 499);
        }

        (await (await CallerAsync("nobody")).GetAsync("/v1/plans")).ShouldBe(200);
    }

    private static readonly Lazy<Task<TestTenant>> Tenant = new(async () =>
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync("enterprise");
        (await (await Stack.GetAsync()).Operator.PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new
        {
            endpoint = new { activations = 10_000, usage = 10_000, entitlements = 10_000 },
        })).ShouldBe(200);
        return tenant;
    });

    private static Task<TestTenant> OwnTenant() => Tenant.Value;

    private static async Task<Caller> CallerAsync(string who)
    {
        var stack = await Stack.GetAsync();
        return who switch
        {
            "app" => (await OwnTenant()).App,
            "owner" => (await OwnTenant()).Owner,
            "operator" => stack.Operator,
            _ => new Caller(stack.Gateways[0], null, null),
        };
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static async Task<(int Status, string Body)> RawAsync(string request)
    {
        var address = (await Stack.GetAsync()).Gateways[0].BaseAddress!;
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        await using var stream = socket.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
            await stream.CopyToAsync(answer).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            // The server may close while we are still sending; what it answered before counts.
        }

        var text = Encoding.UTF8.GetString(answer.ToArray());
        Assert.StartsWith("HTTP/1.1 ", text, StringComparison.Ordinal);
        return (int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), text);
    }
}
