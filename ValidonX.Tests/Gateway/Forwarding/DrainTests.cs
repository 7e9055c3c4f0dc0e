using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Tests.Gateway.Forwarding;

[Collection(GatewayCollection.Name)]
public sealed class DrainTests(GatewayPlatform platform)
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";

    [Fact]
    public async Task A_stopping_gateway_is_not_ready_before_it_stops_and_finishes_what_it_has_begun()
    {
        var released = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            await released.Task;
            await context.Response.WriteAsync("late");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [upstream.Address], new Dictionary<string, string> { ["Shutdown:DrainTime"] = "00:00:02" });
        var key = await platform.KeyAsync(await platform.TenantAsync());
        var underWay = gateway.SendAsync(HttpMethod.Post, Validate, key);
        await Until.TrueAsync(() => upstream.Requests.Count == 1);

        var stopping = gateway.StopAsync();
        await Until.TrueAsync(async () =>
        {
            using var ready = await gateway.SendAsync(HttpMethod.Get, "/health");
            return ready.StatusCode == HttpStatusCode.ServiceUnavailable && ready.Headers.ConnectionClose == true;
        });
        using var alive = await gateway.SendAsync(HttpMethod.Get, "/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.False(stopping.IsCompleted);

        released.SetResult();
        using var answer = await underWay;
        Assert.Equal("late", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await stopping;
    }

    [Fact]
    public async Task Callers_of_two_gateways_lose_nothing_when_one_of_them_stops()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var staying = await GatewayUnderTest.StartAsync(platform, [upstream.Address]);
        await using var stopping = await GatewayUnderTest.StartAsync(platform, [upstream.Address], new Dictionary<string, string> { ["Shutdown:DrainTime"] = "00:00:01" });
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var enough = new CancellationTokenSource();
        var served = 0;
        var failures = new ConcurrentBag<string>();

        // A balancer in small: it asks who is ready, and keeps its connections as long as the server lets it.
        var isReady = true;
        var probing = ProbeAsync();
        var load = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            for (var turn = i; !enough.IsCancellationRequested; turn++)
            {
                try
                {
                    using var answer = await (turn % 2 == 0 && Volatile.Read(ref isReady) ? stopping : staying).SendAsync(HttpMethod.Post, Validate, key);
                    if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.TooManyRequests))
                    {
                        failures.Add($"{answer.StatusCode}");
                    }
                }
                catch (Exception lost) when (lost is HttpRequestException or IOException or SocketException)
                {
                    failures.Add(lost.Message);
                }

                Interlocked.Increment(ref served);
            }
        })).ToList();

        await Until.TrueAsync(() => Volatile.Read(ref served) > 200);
        await stopping.StopAsync();
        var then = Volatile.Read(ref served);
        await Until.TrueAsync(() => Volatile.Read(ref served) > then + 100);
        await enough.CancelAsync();
        await Task.WhenAll(load);
        await probing;

        Assert.False(isReady);
        Assert.Empty(failures);

        async Task ProbeAsync()
        {
            while (!enough.IsCancellationRequested && Volatile.Read(ref isReady))
            {
                using var ready = await stopping.SendAsync(HttpMethod.Get, "/health");
                Volatile.Write(ref isReady, ready.IsSuccessStatusCode);
            }
        }
    }
}
