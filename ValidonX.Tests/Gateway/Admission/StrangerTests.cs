using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ValidonX.Gateway.Admission;

namespace ValidonX.Tests.Gateway.Admission;

/// <summary>Callers without a credential, by address.</summary>
[Collection(GatewayCollection.Name)]
public sealed class StrangerTests(GatewayPlatform platform)
{
    [Fact]
    public async Task An_address_has_a_quota_on_public_routes_and_an_ipv6_network_is_one_address()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [upstream.Address], new Dictionary<string, string>
        {
            ["RateLimiting:AnonymousRequests"] = "5",
            ["Gateway:TrustedProxies:0"] = "127.0.0.0/8",
        });
        var host = Random.Shared.Next(1, 0xffff);

        for (var i = 1; i <= 5; i++)
        {
            using var served = await FromAsync($"2001:db8:{host:x}:1::{i}");
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        using var refused = await FromAsync($"2001:db8:{host:x}:1:ffff::1");
        var error = await refused.IsErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT.EXCEEDED");
        Assert.Equal("address", error.GetProperty("details").GetProperty("policy").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        using var other = await FromAsync($"2001:db8:{host:x}:2::1");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(6, upstream.Requests.Count);

        Task<HttpResponseMessage> FromAsync(string address) => gateway.SendAsync(HttpMethod.Get, "/v1/plans", null, ("X-Forwarded-For", address));
    }

    [Theory]
    [InlineData("GET", "/health", null)]
    [InlineData("GET", "/nowhere", null)]
    [InlineData("GET", "/v1//plans", null)]
    [InlineData("GET", "/v1/plans", null)]
    [InlineData("POST", "/v1/integration/activations", "malformed")]
    [InlineData("GET", "/v1/tenant/licenses", null)]
    public async Task Beyond_a_pace_each_of_them_is_answered_later_and_who_has_a_key_is_not(string method, string path, string? key)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [upstream.Address], new Dictionary<string, string>
        {
            ["Gateway:Admission:StrangersPerSecond"] = "1",
            ["Gateway:Admission:StrangerDelay"] = "00:01:00",
        });
        var honest = await platform.KeyAsync(await platform.TenantAsync());
        using var known = await gateway.SendAsync(HttpMethod.Post, "/v1/integration/licenses/ABCD/validate", honest);
        var hammering = Enumerable.Range(0, 6).Select(_ => gateway.SendAsync(new HttpMethod(method), path, key)).ToList();

        await Until.TrueAsync(() => hammering.Any(call => call.IsCompleted));
        using var served = await gateway.SendAsync(HttpMethod.Post, "/v1/integration/licenses/ABCD/validate", honest);

        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Contains(hammering, call => !call.IsCompleted);
        gateway.Client.CancelPendingRequests();
        await Until.TrueAsync(() => hammering.All(call => call.IsCompleted));
    }

    [Fact]
    public async Task An_honest_number_of_requests_waits_for_nothing()
    {
        var pace = new StrangerPace(Options.Create(new AdmissionOptions { StrangersPerSecond = 10, StrangerDelay = TimeSpan.FromMilliseconds(200) }), TimeProvider.System);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("198.51.100.7");
        var other = new DefaultHttpContext();
        other.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.9");

        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(pace.WaitAsync(context).IsCompleted));

        var waited = Stopwatch.StartNew();
        await pace.WaitAsync(context);
        Assert.True(waited.Elapsed > TimeSpan.FromMilliseconds(150), $"{waited.Elapsed}");
        Assert.True(pace.WaitAsync(other).IsCompleted);
    }
}
