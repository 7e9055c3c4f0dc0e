using System.Diagnostics;

namespace ValidonX.Tests.NativeHosting;

internal static class Wait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as the condition holds, and fails when it does not in time.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Stack.Patience, $"Waited in vain: {what}.");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
