using System.Diagnostics.Metrics;
using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>The caches of one process without any Redis: the test plays the renewals.</summary>
internal sealed class LocalCaches : IMeterFactory
{
    public const string Epoch = "epoch";

    private readonly CoherenceOptions _options = new();
    private long _sequence;

    public LocalCaches() => Caches = new(Time, new CoherenceMetrics(this), _options);

    public ManualTime Time { get; } = new();

    public CoherentCaches Caches { get; }

    /// <summary>How long the replica may trust a renewal.</summary>
    public TimeSpan Validity => _options.Lease - _options.Margin;

    /// <summary>How long after its load a value may be used without a lease.</summary>
    public TimeSpan Grace => _options.UsableGrace;

    /// <summary>How long after its load a value in use is loaded again.</summary>
    public TimeSpan Due => _options.LoadAgainAfter;

    /// <summary>The register has confirmed that this process is cut off.</summary>
    public void Enter(TimeSpan life) => Caches.View.Grace.Prolong(Time.GetTimestamp(), Time.GetTimestamp() + life.Ticks);

    public void Renew() => Assert.True(Caches.View.Renewed(Time.GetTimestamp(), Epoch, _sequence));

    /// <summary>A change arrives.</summary>
    public void Apply(Invalidation change)
    {
        Caches.Apply([change]);
        Assert.True(Caches.View.Applied(Epoch, ++_sequence));
    }

    public CoherentCache<string, string> Create(CoherentCacheOptions<string>? options = null) =>
        Caches.Create<string, string>(options ?? new() { Type = "value" });

    Meter IMeterFactory.Create(MeterOptions options) => new(options);

    public void Dispose()
    {
        // Meters without listeners hold nothing.
    }
}
