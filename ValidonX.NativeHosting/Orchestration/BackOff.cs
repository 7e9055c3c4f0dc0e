namespace Aspire.Hosting.Orchestration;

/// <summary>How long to wait before a crashed process is started again: twice as long each time, until it has run well for a while.</summary>
internal sealed class BackOff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Stable = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    /// <param name="ran">How long the process ran this time.</param>
    public TimeSpan Next(TimeSpan ran)
    {
        if (ran >= Stable)
            _next = First;

        var delay = _next;
        _next = delay + delay < Longest ? delay + delay : Longest;
        return delay;
    }
}
