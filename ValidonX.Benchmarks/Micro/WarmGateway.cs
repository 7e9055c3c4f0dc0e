using ValidonX.Benchmarks.Gateway;
using ValidonX.Coherence;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Rollups;
using ValidonX.RateLimiting;

namespace ValidonX.Benchmarks.Micro;

/// <summary>A real gateway in this process over the real stack, with one known and one unknown key in its memory.</summary>
internal sealed class WarmGateway : IAsyncDisposable
{
    /// <summary>A well-formed key that does not exist.</summary>
    public const string UnknownKey = "vx_0000000000000000000000000000000000000000000000000000000000000000";

    private const string Secret = "a-secret-of-the-micro-benchmarks-0123456789abcdef0123456789abcdef";

    private readonly BenchmarkStack _stack;
    private readonly WebApplication _app;

    private WarmGateway(BenchmarkStack stack, WebApplication app, string key)
    {
        (_stack, _app, Key) = (stack, app, key);
        Resolver = app.Services.GetRequiredService<ApiKeyResolver>();
        Engine = app.Services.GetRequiredService<LeaseEngine>();
        Tallies = app.Services.GetRequiredService<Tallies>();
    }

    /// <summary>The one that <see cref="WarmPathBenchmarks"/> measure.</summary>
    public static WarmGateway Current { get; private set; } = null!;

    /// <summary>The known key.</summary>
    public string Key { get; }

    public ApiKeyResolver Resolver { get; }

    public LeaseEngine Engine { get; }

    public Tallies Tallies { get; }

    /// <summary>Starts the stack and the gateway.</summary>
    public static async Task<WarmGateway> StartAsync()
    {
        var stack = await BenchmarkStack.StartAsync(
            $"--Parameters:api-key-pepper={Secret}", $"--Parameters:context-signing-key={Secret}", $"--Parameters:service-database-password={Secret}");
        var tenant = (await stack.CreateTenantsAsync(1, licenses: 1))[0];
        var app = ValidonX.Gateway.Program.Build(
            [
                "--urls=http://127.0.0.1:0",
                $"--ConnectionStrings:platform={await stack.ConnectionStringAsync("platform")}",
                $"--ConnectionStrings:redis={await stack.ConnectionStringAsync("redis")}",
                $"--services:licensing-api:http:0={stack.Address("licensing-api-1")}",
                $"--Secrets:ApiKeyPepper={Secret}", $"--Secrets:ContextSigningKey={Secret}",
                "--RateLimiting:Leasing:ReplicaId=micro",
            ],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        while (!app.Services.GetRequiredService<CoherentCaches>().View.IsValid)
        {
            await Task.Delay(20);
        }

        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        foreach (var apiKey in new[] { tenant.ApiKey, UnknownKey })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/integration/licenses/{tenant.LicenseKeys[0]}/validate");
            request.Headers.Add("X-API-Key", apiKey);
            using var answer = await client.SendAsync(request);
        }

        return Current = new WarmGateway(stack, app, tenant.ApiKey);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _stack.DisposeAsync();
    }
}
