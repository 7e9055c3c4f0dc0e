using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ValidonX.Coherence;

namespace ValidonX.Tests.Gateway;

/// <summary>A gateway of this test's own: the real program on a real server and a free port.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayUnderTest(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a gateway in front of these licensing APIs, and waits until it may trust its caches.</summary>
    public static Task<GatewayUnderTest> StartAsync(
        GatewayPlatform platform,
        IReadOnlyList<Uri> upstreams,
        IReadOnlyDictionary<string, string>? settings = null,
        Action<WebApplicationBuilder>? configure = null)
    {
        var all = new Dictionary<string, string>
        {
            ["ConnectionStrings:platform"] = platform.GatewayConnectionString,
            ["ConnectionStrings:redis"] = platform.Redis.ConnectionString,
            ["Secrets:ApiKeyPepper"] = GatewayPlatform.Pepper,
            ["Secrets:ContextSigningKey"] = GatewayPlatform.SigningKey,
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        return StartAsync(all, upstreams, configure);
    }

    /// <summary>Starts a gateway on whatever the settings name.</summary>
    public static async Task<GatewayUnderTest> StartAsync(
        IReadOnlyDictionary<string, string> settings,
        IReadOnlyList<Uri> upstreams,
        Action<WebApplicationBuilder>? configure = null)
    {
        var arguments = new Dictionary<string, string>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Shutdown:DrainTime"] = "00:00:00",
            // Under one name a second gateway would supersede the first, whose share of the windows that had begun is then nobody's.
            ["RateLimiting:Leasing:ReplicaId"] = $"test-{Guid.NewGuid():N}",
            // Here Redis shares its processor with every other test.
            ["RateLimiting:Leasing:CallTimeout"] = "00:00:02",
            // All tests call from one address.
            ["RateLimiting:AnonymousRequests"] = "1000000",
            ["Gateway:Admission:StrangersPerSecond"] = "1000000",
        };
        for (var i = 0; i < upstreams.Count; i++)
        {
            arguments[$"services:licensing-api:http:{i}"] = upstreams[i].ToString();
        }

        foreach (var (name, value) in settings)
        {
            arguments[name] = value;
        }

        var app = ValidonX.Gateway.Program.Build(
            [.. arguments.Select(argument => $"--{argument.Key}={argument.Value}")],
            builder =>
            {
                builder.Logging.ClearProviders();
                configure?.Invoke(builder);
            });
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            await Until.TrueAsync(() => app.Services.GetRequiredService<CoherentCaches>().View.IsValid);
            return new GatewayUnderTest(app);
        }
        catch
        {
            // What had started before the failure would go on under this gateway's name, and take the quotas of all that come after it.
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Does what a writer does after its commit.</summary>
    public Task InvalidateAsync(params Invalidation[] changes) =>
        Services.GetRequiredService<ICoherence>().InvalidateAsync(changes, TestContext.Current.CancellationToken);

    /// <summary>Sends a request with an API key.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a request with a bearer token.</summary>
    public Task<HttpResponseMessage> SendBearerAsync(string path, string token, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, [("Authorization", $"Bearer {token}"), .. headers]);

    /// <summary>Stops as a stopping replica does: gracefully.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
