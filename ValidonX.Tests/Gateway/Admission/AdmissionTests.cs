using System.Net;
using Microsoft.AspNetCore.Http;
using ValidonX.Gateway.Admission;

namespace ValidonX.Tests.Gateway.Admission;

[Collection(GatewayCollection.Name)]
public sealed class AdmissionTests(GatewayPlatform platform)
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";

    [Fact]
    public async Task A_slow_tenant_occupies_its_share_and_no_more()
    {
        var slow = await platform.TenantAsync();
        var slowKeys = new[] { await platform.KeyAsync(slow), await platform.KeyAsync(slow) };
        var quick = await platform.KeyAsync(await platform.TenantAsync());
        var released = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync();
        upstream.Answer = async context =>
        {
            if (Upstream.Verify(context.Request.Headers["X-ValidonX-Internal-Context"])!.TenantId == slow)
            {
                await released.Task;
            }

            await context.Response.WriteAsync("{}");
        };
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [upstream.Address],
            new Dictionary<string, string> { ["Gateway:Admission:MaximumRequests"] = "16", ["Gateway:Admission:TenantShare"] = "0.25" });
        var gates = (TenantGates)gateway.Services.GetService(typeof(TenantGates))!;

        // Both keys of the tenant share its four places.
        var occupying = Enumerable.Range(0, 4).Select(i => gateway.SendAsync(HttpMethod.Post, Validate, slowKeys[i % 2])).ToList();
        await Until.TrueAsync(() => gates.Of(slow).UnderWay == 4);

        foreach (var key in slowKeys)
        {
            using var refused = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            await refused.IsErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVER.UNAVAILABLE");
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.True(refused.Headers.Contains("X-RateLimit-Limit"));
        }

        for (var i = 0; i < 20; i++)
        {
            using var served = await gateway.SendAsync(HttpMethod.Post, Validate, quick);
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        released.SetResult();
        foreach (var answer in await Task.WhenAll(occupying))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }

        await Until.TrueAsync(() => gates.UnderWay == 0);
        using var again = await gateway.SendAsync(HttpMethod.Post, Validate, slowKeys[0]);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Operators_get_in_when_tenants_and_anonymous_callers_have_taken_every_place()
    {
        var tenant = await platform.KeyAsync(await platform.TenantAsync());
        var admin = await platform.OperatorTokenAsync();
        var released = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            if (context.Request.Path != "/v1/admin/tenants")
            {
                await released.Task;
            }

            await context.Response.WriteAsync("{}");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [upstream.Address],
            new Dictionary<string, string>
            {
                ["Gateway:Admission:MaximumRequests"] = "8",
                ["Gateway:Admission:TenantShare"] = "0.5",
                ["Gateway:Admission:AnonymousRequests"] = "4",
                ["Gateway:Admission:OperatorRequests"] = "2",
            });
        var gates = (TenantGates)gateway.Services.GetService(typeof(TenantGates))!;

        // Anonymous callers fill their own four places, which leaves the tenant's.
        var occupying = Enumerable.Range(0, 4).Select(_ => gateway.SendAsync(HttpMethod.Get, "/v1/plans")).ToList();
        await Until.TrueAsync(() => gates.UnderWay == 4);
        using var refused = await gateway.SendAsync(HttpMethod.Get, "/v1/plans");
        await refused.IsErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVER.UNAVAILABLE");
        occupying.AddRange(Enumerable.Range(0, 4).Select(_ => gateway.SendAsync(HttpMethod.Post, Validate, tenant)));
        await Until.TrueAsync(() => gates.UnderWay == 8);

        using var served = await gateway.SendBearerAsync("/v1/admin/tenants", admin);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        released.SetResult();
        foreach (var answer in await Task.WhenAll(occupying))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
    }

    [Fact]
    public void A_gate_counts_exactly_however_many_press_in()
    {
        var whole = new TenantGate(100);
        var gate = new TenantGate(10, whole);
        var most = 0;

        Parallel.For(0, 20_000, _ =>
        {
            if (gate.TryEnter())
            {
                InterlockedMax(ref most, gate.UnderWay);
                gate.Leave();
            }
        });

        Assert.Equal(0, gate.UnderWay);
        Assert.Equal(0, whole.UnderWay);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(gate.TryEnter()));
        Assert.False(gate.TryEnter());
        Assert.Equal(10, whole.UnderWay);
    }

    [Fact]
    public void A_full_gateway_refuses_also_who_has_places_left()
    {
        var whole = new TenantGate(1);
        var first = new TenantGate(10, whole);
        var second = new TenantGate(10, whole);

        Assert.True(first.TryEnter());
        Assert.False(second.TryEnter());
        Assert.Equal(0, second.UnderWay);
        first.Leave();
        Assert.True(second.TryEnter());
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
