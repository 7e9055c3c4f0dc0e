using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.SignIn;
using ValidonX.RateLimiting;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Gateway.Limits;

/// <summary>CONTRACT §4 through the framework's rate-limiting middleware on a real server: header fields, 429 and problem details.</summary>
public sealed class HeaderAndRefusalTests(RedisServerProcess redis) : IClassFixture<RedisServerProcess>, IAsyncLifetime
{
    private static readonly QuotaWindow Window = QuotaWindow.OfSeconds(86_400);
    private WebApplication? _app;
    private ConnectionMultiplexer? _connection;
    private HttpClient? _client;
    private Func<LeaseEngine, RateLimitLayers>? _layers;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("urls", "http://127.0.0.1:0"), new("RateLimiting:Leasing:CallTimeout", "00:00:02")]);
        _connection = redis.Connect();
        builder.Services.AddSingleton<IConnectionMultiplexer>(_connection);
        builder.Services.AddLeasedRateLimiting(builder.Configuration);
        _app = builder.Build();
        var engine = _app.Services.GetRequiredService<LeaseEngine>();
        _app.Use((context, next) =>
        {
            if (_layers is not null) context.Features.Set<IRateLimitSubject>(new Subject(_layers(engine)));
            context.Response.OnStarting(() =>
            {
                RateLimitHeaders.Write(context, engine);
                return Task.CompletedTask;
            });
            return next();
        });
        _app.UseRateLimiter();
        _app.Run(static context => context.Response.WriteAsync("served"));
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(_app.Urls.First()) };
    }

    [Fact]
    public async Task Good_answers_tell_of_the_policy_that_allows_the_fewest_further_requests()
    {
        var id = Guid.NewGuid().ToString("N");
        _layers = engine => new(
            engine.GetPartition("tenant:t", new(PolicyNames.Key, 1200, Window), id),
            engine.GetPartition("tenant:t", new(PolicyNames.Tenant, 100_000, QuotaWindow.Month), id));
        using var first = await GetAsync();
        using var second = await GetAsync();

        Assert.Equal("1200", Header(first, "X-RateLimit-Limit"));
        Assert.Equal("1199", Header(first, "X-RateLimit-Remaining"));
        Assert.Equal("1198", Header(second, "X-RateLimit-Remaining"));
        Assert.Equal("\"key\";q=1200;w=86400, \"tenant\";q=100000;w=2592000", Header(first, "RateLimit-Policy"));
        var reset = long.Parse(Header(first, "X-RateLimit-Reset"), null);
        Assert.Equal(0, reset % 86_400);
        var left = reset - DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Matches("^\"key\";r=1198;t=[0-9]+$", Header(second, "RateLimit"));
        Assert.InRange(long.Parse(Header(second, "RateLimit").Split("t=")[1], null), left - 2, left + 2);
    }

    [Fact]
    public async Task A_refusal_has_the_envelope_with_the_policy_and_the_seconds_left()
    {
        Limit(PolicyNames.Endpoint, 1);
        using var served = await GetAsync();
        using var refused = await GetAsync();

        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("0", Header(refused, "X-RateLimit-Remaining"));
        var body = JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("RATE_LIMIT.EXCEEDED", (string?)body["error"]!["code"]);
        Assert.Equal("rate_limit", (string?)body["error"]!["type"]);
        Assert.Equal(429, (int?)body["error"]!["status"]);
        Assert.Equal("endpoint", (string?)body["error"]!["details"]!["policy"]);
        Assert.Equal(1, (int?)body["error"]!["details"]!["limit"]);
        Assert.Equal(0, (int?)body["error"]!["details"]!["remaining"]);
        Assert.Equal(Header(refused, "Retry-After"), body["error"]!["details"]!["reset"]!.ToString());
        Assert.Equal(Header(refused, "X-Request-ID"), (string?)body["meta"]!["request_id"]);
        Assert.Matches("^\"endpoint\";r=0;t=[0-9]+$", Header(refused, "RateLimit"));
    }

    [Theory]
    [InlineData("application/problem+json", true)]
    [InlineData("text/html, application/problem+json;q=0.5", true)]
    [InlineData("application/json", false)]
    [InlineData("application/problem+json;q=0", false)]
    public async Task A_refusal_is_a_problem_document_for_whoever_accepts_one(string accept, bool isProblem)
    {
        Limit(PolicyNames.Key, 0);
        using var refused = await GetAsync(accept);

        Assert.Equal(isProblem ? "application/problem+json" : "application/json", refused.Content.Headers.ContentType!.MediaType);
        if (!isProblem) return;
        var body = JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", (string?)body["type"]);
        Assert.Equal("key", (string?)body["violated-policies"]![0]);
        Assert.Equal(429, (int?)body["status"]);
    }

    [Fact]
    public async Task A_locked_sign_in_has_its_own_code()
    {
        foreach (var policy in new[] { PolicyNames.Login, SignInThrottle.OfNetworks, SignInThrottle.OfStrangers })
        {
            var layers = new RateLimitLayers(
                _app!.Services.GetRequiredService<LeaseEngine>().GetPartition("platform", new(policy, 1, Window), Guid.NewGuid().ToString("N")));
            _layers = _ => layers;
            Assert.Equal(HttpStatusCode.OK, (await GetAsync()).StatusCode);

            using var locked = await GetAsync();

            Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);
            var body = JsonNode.Parse(await locked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.Equal("AUTH.ACCOUNT_LOCKED", (string?)body["error"]!["code"]);
        }
    }

    [Fact]
    public async Task A_request_that_nothing_limits_is_served_without_the_fields()
    {
        using var served = await GetAsync();
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.False(served.Headers.Contains("RateLimit"));
    }

    public async ValueTask DisposeAsync()
    {
        _client!.Dispose();
        // Otherwise it counts as crashed, and the next test's gateway has to take its share for spent in a minute that began meanwhile.
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _connection!.Dispose();
    }

    private void Limit(string policy, long quota)
    {
        var id = Guid.NewGuid().ToString("N");
        _layers = engine => new(engine.GetPartition("tenant:t", new(policy, quota, Window), id));
    }

    private async Task<HttpResponseMessage> GetAsync(string accept = "*/*")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await _client!.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    private sealed record Subject(RateLimitLayers Layers) : IRateLimitSubject;
}
