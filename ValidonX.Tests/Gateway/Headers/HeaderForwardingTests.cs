using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using ValidonX.Platform.Callers;

namespace ValidonX.Tests.Gateway.Headers;

[Collection(GatewayCollection.Name)]
public sealed class HeaderForwardingTests(GatewayPlatform platform) : IAsyncLifetime
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";

    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;
    private Guid _tenant;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
        _tenant = await platform.TenantAsync();
        _key = await platform.KeyAsync(_tenant);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task What_only_we_may_say_is_never_taken_from_a_caller()
    {
        foreach (var (name, value) in new[]
        {
            ("X-ValidonX-Internal-Context", "forged"), ("x-validonx-internal-CONTEXT", "forged"), ("X-ValidonX-Internal-Anything", "forged"),
            ("X-Forwarded-For", "forged"), ("X-Forwarded-Host", "forged"), ("X-Forwarded-Prefix", "forged"), ("X-Original-URL", "forged"),
            ("Forwarded", "for=forged"), ("X-Real-IP", "forged"), ("X-HTTP-Method-Override", "forged"), ("X-Tenant-ID", "forged"),
            ("Authorization", "Bearer forged"), ("Cookie", "a=forged"), ("Proxy-Authorization", "Basic forged"), ("TE", "forged"),
            ("Upgrade", "forged"), ("Keep-Alive", "forged"),
        })
        {
            using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key, (name, value));

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain(_upstream.Last.Headers, header => header.Value.Contains("forged", StringComparison.Ordinal));
            Assert.Equal(_tenant, _upstream.Last.Caller!.TenantId);
        }
    }

    [Fact]
    public async Task The_key_itself_stays_at_the_gateway()
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key);

        Assert.DoesNotContain(_upstream.Last.Headers, header => header.Value.Contains(_key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_that_concern_the_api_arrive_as_they_were_sent()
    {
        using var answer = await _gateway.SendAsync(
            HttpMethod.Post,
            Validate,
            _key,
            ("Idempotency-Key", "abc"),
            ("Accept-Language", "de"),
            ("User-Agent", "app/1.0 (x)"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var headers = _upstream.Last.Headers;
        Assert.Equal("abc", headers["Idempotency-Key"]);
        Assert.Equal("de", headers["Accept-Language"]);
        Assert.Equal("app/1.0 (x)", headers["User-Agent"]);
        Assert.Contains("0af7651916cd43dd8448eb211c80319c", headers["traceparent"], StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);
    }

    [Fact]
    public async Task A_header_beyond_ascii_is_no_reason_to_fail()
    {
        var (status, _, _) = await RawHttp.SendAsync(
            _gateway.Address,
            $"POST {Validate} HTTP/1.1\r\nHost: x\r\nX-API-Key: {_key}\r\nX-Name: \u00c3\u00a9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.Equal(200, status);
        Assert.Equal("é", _upstream.Last.Headers["X-Name"]);
    }

    [Fact]
    public async Task A_body_arrives_whole_with_its_type()
    {
        var text = new string('x', 100_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/integration/activations") { Content = new StringContent(text, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-API-Key", _key);

        using var answer = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(text, _upstream.Last.Body);
        Assert.Equal("application/json; charset=utf-8", _upstream.Last.Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_sane_request_id_is_kept_all_the_way_and_back()
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key, ("X-Request-ID", "my-own-id!"));

        Assert.Equal("my-own-id!", answer.Headers.GetValues("X-Request-ID").Single());
        Assert.Equal("my-own-id!", _upstream.Last.Headers["X-Request-ID"]);
    }

    [Fact]
    public async Task A_request_id_that_is_not_sane_is_replaced()
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key, ("X-Request-ID", new string('a', 129)));

        var id = answer.Headers.GetValues("X-Request-ID").Single();
        Assert.True(Guid.TryParseExact(id, "D", out var parsed));
        Assert.Equal(7, parsed.Version);
        Assert.Equal(id, _upstream.Last.Headers["X-Request-ID"]);
    }

    [Fact]
    public async Task What_a_destination_says_about_itself_or_its_connection_is_not_passed_on()
    {
        _upstream.Answer = context =>
        {
            context.Response.Headers.Server = "secret/1.0";
            context.Response.Headers["X-Powered-By"] = "secret";
            context.Response.Headers.Via = "secret";
            context.Response.Headers["X-ValidonX-Internal-Node"] = "secret";
            context.Response.Headers["X-Request-ID"] = "secret";
            context.Response.Headers["X-RateLimit-Limit"] = "secret";
            context.Response.Headers.ETag = "\"kept\"";
            return context.Response.WriteAsync("{}");
        };

        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key);

        Assert.DoesNotContain(answer.Headers, header => header.Value.Any(value => value.Contains("secret", StringComparison.Ordinal)));
        Assert.Equal(new EntityTagHeaderValue("\"kept\""), answer.Headers.ETag);
        Assert.Single(answer.Headers.GetValues("X-Request-ID"));
        Assert.Equal("1", answer.Headers.GetValues("X-ValidonX-API-Version").Single());
    }

    [Fact]
    public async Task Good_answers_carry_the_limit_headers()
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key);

        Assert.Equal("\"key\";q=12000;w=60", answer.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal("12000", answer.Headers.GetValues("X-RateLimit-Limit").Single());
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_the_client_is_who_the_proxy_says()
    {
        await using var behind = await GatewayUnderTest.StartAsync(
            platform,
            [_upstream.Address],
            new Dictionary<string, string> { ["Gateway:TrustedProxies:0"] = "127.0.0.0/8" });

        using var answer = await behind.SendAsync(HttpMethod.Post, Validate, _key, ("X-Forwarded-For", "203.0.113.9"));

        Assert.Equal("203.0.113.9", _upstream.Last.Headers["X-Forwarded-For"]);
    }

    [Fact]
    public async Task A_context_is_signed_for_a_caller_and_no_other_can_be_made_from_it()
    {
        using var answer = await _gateway.SendAsync(HttpMethod.Post, Validate, _key);

        var header = _upstream.Last.Headers[InternalHeaders.Context];
        Assert.NotNull(Upstream.Verify(header));
        Assert.Null(Upstream.Verify($"{(header[0] == 'a' ? 'b' : 'a')}{header[1..]}"));
    }
}
