using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>One value of one cache, on a clock and with renewals and a register that the test plays.</summary>
public abstract class OneCachedValue : IDisposable
{
    private protected static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    /// <summary>How long an entry in the register counts.</summary>
    private protected static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private protected static readonly CacheKey<string> Key = CacheKey.OfPlatform("k");

    private protected OneCachedValue() => Cache = Local.Create();

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected HeldSource Source { get; } = new();

    private protected LocalCaches Local { get; } = new();

    private protected CoherentCache<string, string> Cache { get; }

    public void Dispose()
    {
        Local.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<string?> ReadAsync() => Cache.GetAsync(Key, Source.Load, Cancellation).AsTask();
}
