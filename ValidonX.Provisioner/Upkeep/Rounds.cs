namespace ValidonX.Provisioner.Upkeep;

/// <summary>Work that is done again and again, until the process stops.</summary>
internal static class Rounds
{
    /// <summary>Does it, and again after each interval. What the work throws ends it: work sees to its own failures.</summary>
    /// <param name="every">How long from one round to the next.</param>
    /// <param name="time">The clock.</param>
    /// <param name="work">One round.</param>
    /// <param name="stopping">Ends it, quietly.</param>
    /// <param name="isFirstAtOnce">Whether the first round is at once, or after the first interval.</param>
    public static async Task RunAsync(TimeSpan every, TimeProvider time, Func<CancellationToken, Task> work, CancellationToken stopping, bool isFirstAtOnce = true)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            if (isFirstAtOnce)
            {
                await work(stopping);
            }

            while (await timer.WaitForNextTickAsync(stopping))
            {
                await work(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}
