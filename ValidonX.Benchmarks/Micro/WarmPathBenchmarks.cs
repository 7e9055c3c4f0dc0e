using BenchmarkDotNet.Attributes;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Routes;
using ValidonX.RateLimiting;

namespace ValidonX.Benchmarks.Micro;

/// <summary>The steps of a warm request, each by itself. BenchmarkDotNet takes no sealed classes.</summary>
public class WarmPathBenchmarks
{
    // Larger than what any of these loops can spend, so that no lease is waited for.
    private const long Plenty = 1_000_000_000_000_000;

    private static readonly Guid Tenant = Guid.CreateVersion7();

    private ApiKeyResolver _resolver = null!;
    private LeaseEngine _engine = null!;
    private RateLimitLayers _two = null!;
    private RateLimitLayers _three = null!;
    private DefaultHttpContext _context = null!;
    private Tallies _tallies = null!;
    private string _key = "";

    // Fields, or the compiler reckons with what it knows of them.
    private readonly string _malformed = WarmGateway.UnknownKey[..^1] + "g";
    private readonly string _path = "/v1/integration/licenses/XXXX-XXXX-XXXX-XXXX/validate";

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        (_resolver, _engine, _key, _tallies) = (WarmGateway.Current.Resolver, WarmGateway.Current.Engine, WarmGateway.Current.Key, WarmGateway.Current.Tallies);
        if (!_resolver.TryResolve(_key, out _, out var resolved) || resolved is null)
        {
            throw new InvalidOperationException("The key is not in the gateway's memory.");
        }

        var minute = new RateLimitPolicy(PolicyNames.Key, Plenty, QuotaWindow.OfSeconds(60));
        var month = new RateLimitPolicy(PolicyNames.Tenant, Plenty, QuotaWindow.Month);
        var endpoint = new RateLimitPolicy(PolicyNames.Endpoint, Plenty, QuotaWindow.OfSeconds(60));
        _two = Layers(minute, month);
        _three = Layers(minute, month, endpoint);
        _context = new DefaultHttpContext();
        _context.Features.Set<IRateLimitSubject>(new Subject(_three));
        await _engine.AcquireAsync(_three, CancellationToken.None);
    }

    /// <summary>A limiter that refuses would be measured wrongly.</summary>
    [GlobalCleanup]
    public void Check()
    {
        if (!_engine.TryAcquire(_two) || !_engine.TryAcquire(_three))
        {
            throw new InvalidOperationException("The limiter had nothing left.");
        }
    }

    [Benchmark(Description = "resolve a known key: HMAC and memory")]
    public bool ResolveKnown() => _resolver.TryResolve(_key, out _, out _);

    [Benchmark(Description = "resolve a key known not to exist")]
    public bool ResolveUnknown() => _resolver.TryResolve(WarmGateway.UnknownKey, out _, out _);

    [Benchmark(Description = "refuse a malformed key")]
    public bool ResolveMalformed() => _resolver.TryResolve(_malformed, out _, out _);

    [Benchmark(Description = "find the route of a path")]
    public bool Route() => RouteTable.Find(_path, "POST") is not null;

    [Benchmark(Description = "limiter: two layers")]
    public bool TwoLayers() => _engine.TryAcquire(_two);

    [Benchmark(Description = "limiter: three layers")]
    public bool ThreeLayers() => _engine.TryAcquire(_three);

    [Benchmark(Description = "limiter: the five header fields")]
    public void Headers()
    {
        _context.Response.Headers.Clear();
        RateLimitHeaders.Write(_context, _engine);
    }

    [Benchmark(Description = "count a request for its tenant's roll-ups")]
    public void Rollup() => _tallies.Request(Tenant, "/v1/integration/licenses/{licenseKey}/validate", StatusCodes.Status200OK, null, TimeSpan.FromMilliseconds(3));

    private RateLimitLayers Layers(params RateLimitPolicy[] policies) =>
        new([.. policies.Select(policy => _engine.GetPartition("tenant:00000000-0000-7000-8000-000000000000", policy, "micro"))]);

    private sealed record Subject(RateLimitLayers Layers) : IRateLimitSubject;
}
