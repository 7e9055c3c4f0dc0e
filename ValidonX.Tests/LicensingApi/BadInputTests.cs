using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Tests.LicensingApi;

/// <summary>Whatever arrives gets the envelope and a 4xx; nothing gets a 500.</summary>
[Collection(LicensingCollection.Name)]
public sealed class BadInputTests(LicensingPlatform platform)
{
    public static TheoryData<string, string, string> Writes => new()
    {
        { "POST", "/v1/integration/activations", "app" },
        { "POST", "/v1/integration/entitlements/check", "app" },
        { "POST", "/v1/integration/usage/record", "app" },
        { "POST", "/v1/integration/licensing/resolve", "app" },
        { "POST", "/v1/tenant/licenses", "owner" },
        { "POST", "/v1/tenant/api-keys", "owner" },
        { "POST", "/v1/tenant/products", "owner" },
        { "POST", "/v1/admin/tenants", "operator" },
        { "POST", "/auth/login", "anonymous" },
    };

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Every_body_that_cannot_be_read_is_refused(string method, string path, string who)
    {
        var caller = await CallerAsync(who);
        foreach (var body in new[] { "{", "", "[]", "null", "3", "\"x\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\\ud800\":1}", "{\"a\":{\"\\udfff\":1}}", "{} {}", "\0", new string('[', 20_000) })
        {
            (await SendAsync(Json(body))).ShouldBe(400, "REQUEST.MALFORMED");
        }

        (await SendAsync(Bytes([(byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}']))).ShouldBe(400, "REQUEST.MALFORMED");
        (await SendAsync(new StringContent("{}", Encoding.UTF8, "text/plain"))).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");
        (await SendAsync(new StringContent("{}", Encoding.Unicode, "application/json"))).ShouldBe(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE");

        // Asked first, so that the server does not close the connection on a body that is still being sent.
        (await caller.SendAsync(new HttpMethod(method), path, Json($$"""{"name":"{{new string('x', (1 << 20) + 1)}}"}"""), ("Expect", "100-continue")))
            .ShouldBe(413, "REQUEST.TOO_LARGE");

        Task<EndToEnd.Answer> SendAsync(HttpContent content) => caller.SendAsync(new HttpMethod(method), path, content);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Every_value_of_the_wrong_kind_is_refused(string method, string path, string who)
    {
        var caller = await CallerAsync(who);
        string[] fields =
        [
            "license_key", "instance_id", "fingerprint", "device_fingerprint", "metadata", "features", "metric", "quantity", "key", "type", "product_id",
            "expires_at", "grace_days", "customer", "entitlements", "name", "scopes", "allowed_ips", "code", "key_prefix", "slug", "plan", "region", "owner", "email", "password",
        ];
        foreach (var value in new[] { "\"\\ud800\"", "{\"a\":\"\\ud800\"}", "[\"\\ud800\"]", "1e999", "-0.5", "[[[[[[1]]]]]]", "true", "\"\\u0000\"", "\"2026-02-30T00:00:00Z\"", "\"10000-01-01T00:00:00Z\"" })
        {
            (await caller.SendAsync(new HttpMethod(method), path, Json($"{{{string.Join(',', fields.Select(field => $"\"{field}\":{value}"))}}}"))).ShouldBe(422, "VALIDATION.FAILED");
        }
    }

    [Theory]
    [InlineData("GET", "/v1/nowhere", "anonymous")]
    [InlineData("GET", "/", "anonymous")]
    [InlineData("POST", "/v1/integration/nowhere", "app")]
    [InlineData("GET", "/v1/tenant/nowhere", "owner")]
    [InlineData("GET", "/v1/admin/nowhere", "operator")]
    [InlineData("POST", "/v1/integration/licenses//validate", "app")]
    public async Task An_unknown_route_is_not_found(string method, string path, string who) =>
        (await (await CallerAsync(who)).SendAsync(new HttpMethod(method), path)).ShouldBe(404, "ROUTE.NOT_FOUND");

    [Theory]
    [InlineData("GET", "/v1/integration/activations", "app")]
    [InlineData("DELETE", "/v1/integration/licenses/KEY-KEY/validate", "app")]
    [InlineData("PATCH", "/v1/tenant/licenses", "owner")]
    [InlineData("BREW", "/v1/integration/activations", "app")]
    [InlineData("GET", "/auth/login", "anonymous")]
    [InlineData("DELETE", "/v1/plans", "anonymous")]
    public async Task A_wrong_method_is_not_allowed(string method, string path, string who) =>
        (await (await CallerAsync(who)).SendAsync(new HttpMethod(method), path)).ShouldBe(405, "ROUTE.METHOD_NOT_ALLOWED");

    [Theory]
    [InlineData("/v1/integration/licenses/%00/validate")]
    [InlineData("/v1/integration/licenses/%ff%fe/validate")]
    [InlineData("/v1/integration/licenses/%2e%2e%2fadmin/validate")]
    [InlineData("/v1/integration/licenses/%/validate")]
    [InlineData("/v1/integration/licenses/%2/validate")]
    [InlineData("/v1/integration/licenses/a%2fb%252fc%zz/validate")]
    [InlineData("/v1/integration/licenses/x/../y%2f/validate")]
    [InlineData("/v1/integration/licenses/%0d%0aX-Evil:1/validate")]
    [InlineData("/v1/integration/activations/%zz/validate")]
    [InlineData("//v1//integration")]
    public async Task An_absurd_path_is_refused(string path)
    {
        var tenant = await platform.CreateTenantAsync();
        var caller = new ValidonX.Platform.Callers.CallerContext
        {
            Kind = ValidonX.Platform.Callers.CallerKind.ApiKey,
            TenantId = tenant.Id,
            ServerName = tenant.Placement.ServerName,
            DatabaseName = tenant.Placement.Database.Value,
            ExpiresAt = LicensingPlatform.InAMinute,
        };
        var context = platform.Sign(caller, "POST", path);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, platform.Replicas[0].Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nX-ValidonX-Internal-Context: {context}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);

        Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", Encoding.UTF8.GetString(answer.ToArray()));
    }

    [Fact]
    public async Task A_request_id_with_quotes_is_echoed_and_does_not_break_the_envelope()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();

        // Answer itself compares the header with meta.request_id.
        foreach (var id in new[] { "a\"b\\c", "<script>", "plain" })
        {
            var answer = await tenant.App.SendAsync(HttpMethod.Post, $"/v1/integration/licenses/{key}/validate", null, ("X-Request-ID", id));
            Assert.Equal(id, answer.ShouldBe(200).Header("X-Request-ID"));
        }
    }

    private async Task<ApiCaller> CallerAsync(string who) =>
        who switch
        {
            "app" => (await platform.CreateTenantAsync()).App,
            "owner" => (await platform.CreateTenantAsync()).Owner,
            "operator" => platform.Operator(),
            _ => platform.Anonymous(),
        };

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
