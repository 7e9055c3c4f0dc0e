using System.Diagnostics;

namespace ValidonX.Tests.Gateway.RateLimiting;

/// <summary>Waits for what other threads, replicas or servers bring about.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (waited.Elapsed > Patience) throw new TimeoutException($"Waited {Patience.TotalSeconds} s in vain until {what}.");
            await pulse.WaitForNextTickAsync();
        }
    }
}
