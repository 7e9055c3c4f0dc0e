using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Tests.Gateway.Forwarding;

[Collection(GatewayCollection.Name)]
public sealed class RepetitionTests(GatewayPlatform platform)
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";
    private const string Activate = "/v1/integration/activations";
    private const string Check = "/v1/integration/entitlements/check";

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_reading_call_that_one_destination_cannot_serve_goes_to_another(int status)
    {
        await using var bad = await Upstream.StartAsync(context => FailAsync(context, status));
        await using var good = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [bad.Address, good.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        // Few enough for the budget of repetitions; more where chance has sent all of them to the one that serves.
        for (var i = 0; i < 3 || (bad.Requests.IsEmpty && i < 30); i++)
        {
            using var validated = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            Assert.Equal(HttpStatusCode.OK, validated.StatusCode);
            using var read = await gateway.SendAsync(HttpMethod.Get, "/v1/plans");
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
            using var check = await PostAsync(gateway, Check, key, """{"license_key":"A"}""");
            Assert.Equal(HttpStatusCode.OK, check.StatusCode);
        }

        Assert.NotEmpty(bad.Requests);
        Assert.All(good.Requests.Where(request => request.Target == Check), request => Assert.Equal("""{"license_key":"A"}""", request.Body));
    }

    [Fact]
    public async Task A_writing_call_is_sent_once_and_the_refusal_is_passed_on()
    {
        await using var bad = await Upstream.StartAsync(context => FailAsync(context, 503));
        await using var worse = await Upstream.StartAsync(context => FailAsync(context, 503));
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [bad.Address, worse.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await PostAsync(gateway, Activate, key, "{}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("from upstream", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, bad.Requests.Count + worse.Requests.Count);
    }

    [Fact]
    public async Task When_no_destination_can_serve_the_last_answer_is_passed_on()
    {
        await using var first = await Upstream.StartAsync(context => FailAsync(context, 503));
        await using var second = await Upstream.StartAsync(context => FailAsync(context, 503));
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [first.Address, second.Address],
            new Dictionary<string, string> { ["Gateway:Forwarding:MaximumAttempts"] = "2" });
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("from upstream", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, first.Requests.Count + second.Requests.Count);
    }

    [Fact]
    public async Task While_no_destination_can_serve_repetitions_add_a_tenth_of_the_calls_at_most()
    {
        await using var first = await Upstream.StartAsync(context => FailAsync(context, 503));
        await using var second = await Upstream.StartAsync(context => FailAsync(context, 503));
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [first.Address, second.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        for (var i = 0; i < 200; i++)
        {
            using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        // The tenth, and the ten that are in reserve.
        Assert.InRange(first.Requests.Count + second.Requests.Count, 201, 230);
    }

    [Fact]
    public async Task A_refusal_that_is_about_the_request_is_not_repeated()
    {
        await using var first = await Upstream.StartAsync(context => FailAsync(context, 500));
        await using var second = await Upstream.StartAsync(context => FailAsync(context, 500));
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [first.Address, second.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(1, first.Requests.Count + second.Requests.Count);
    }

    [Fact]
    public async Task A_broken_connection_is_repeated_for_reads_and_reported_for_writes()
    {
        await using var breaking = await Upstream.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var good = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [breaking.Address, good.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        for (var i = 0; i < 9; i++)
        {
            using var read = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        }

        var writes = new ConcurrentBag<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
        {
            using var write = await PostAsync(gateway, Activate, key, $$"""{"n":{{i}}}""");
            writes.Add(write.StatusCode);
            if (write.StatusCode != HttpStatusCode.OK)
            {
                await write.IsErrorAsync(HttpStatusCode.BadGateway, "SERVER.UNAVAILABLE");
                Assert.NotNull(write.Headers.RetryAfter);
            }
        }

        Assert.Contains(HttpStatusCode.BadGateway, writes);
        var seen = breaking.Requests.Concat(good.Requests).Where(request => request.Target == Activate).Select(request => request.Body).ToList();
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_destination_that_is_not_there_costs_no_call_also_no_writing_one()
    {
        await using var good = await Upstream.StartAsync();
        await using var gone = await Upstream.StartAsync();
        var address = gone.Address;
        await gone.DisposeAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [address, good.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        for (var i = 0; i < 30; i++)
        {
            using var answer = await PostAsync(gateway, Activate, key, $$"""{"n":{{i}}}""");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(30, good.Requests.Select(request => request.Body).Distinct().Count());
    }

    [Fact]
    public async Task With_every_destination_down_the_answer_is_an_envelope_that_says_when_to_try_again()
    {
        await using var gone = await Upstream.StartAsync();
        var address = gone.Address;
        await gone.DisposeAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        await answer.IsErrorAsync(HttpStatusCode.BadGateway, "SERVER.UNAVAILABLE");
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.True(answer.Headers.Contains("X-RateLimit-Remaining"));
    }

    [Fact]
    public async Task Without_any_destination_configured_the_answer_is_unavailable()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(platform, []);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        await answer.IsErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVER.UNAVAILABLE");
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_destination_that_says_nothing_for_too_long_is_a_timeout_and_is_not_asked_twice()
    {
        var released = new TaskCompletionSource();
        await using var silent = await Upstream.StartAsync(_ => released.Task);
        await using var other = await Upstream.StartAsync(_ => released.Task);
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [silent.Address, other.Address],
            new Dictionary<string, string> { ["Gateway:Forwarding:ActivityTimeout"] = "00:00:00.300" });
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        await answer.IsErrorAsync(HttpStatusCode.GatewayTimeout, "SERVER.UNAVAILABLE");
        Assert.Equal(1, silent.Requests.Count + other.Requests.Count);
        released.SetResult();
    }

    [Fact]
    public async Task One_of_two_destinations_killed_under_load_loses_no_reading_call()
    {
        await using var staying = await Upstream.StartAsync();
        await using var dying = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [staying.Address, dying.Address]);
        var key = await platform.KeyAsync(await platform.TenantAsync());

        using var enough = new CancellationTokenSource();
        var served = 0;
        var failures = new ConcurrentBag<string>();
        var load = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);
                if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    return;
                }

                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    failures.Add(await answer.Content.ReadAsStringAsync());
                }

                Interlocked.Increment(ref served);
            }
        })).ToList();

        await Until.TrueAsync(() => Volatile.Read(ref served) > 200 && dying.Requests.Count > 20);
        dying.Kill();
        var then = Volatile.Read(ref served);
        await Until.TrueAsync(() => Volatile.Read(ref served) > then + 500);
        await enough.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(failures);
    }

    [Fact]
    public async Task A_destination_that_is_not_ready_gets_no_more_calls()
    {
        await using var ready = await Upstream.StartAsync();
        await using var draining = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [ready.Address, draining.Address],
            new Dictionary<string, string> { ["Gateway:Forwarding:ProbeInterval"] = "00:00:00.050" });
        var key = await platform.KeyAsync(await platform.TenantAsync());

        draining.IsReady = false;

        await Until.TrueAsync(async () =>
        {
            var before = draining.Requests.Count;
            for (var i = 0; i < 20; i++)
            {
                using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            return draining.Requests.Count == before;
        });
    }

    private static Task FailAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync("from upstream");
    }

    private static async Task<HttpResponseMessage> PostAsync(GatewayUnderTest gateway, string path, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-API-Key", key);
        return await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
