namespace ValidonX.RateLimiting;

/// <summary>How a partition's current window stands.</summary>
/// <param name="Remaining">Best knowledge of what is left of the quota over all replicas; within a window it never rises here.</param>
/// <param name="Reset">The window's end in Unix seconds on Redis's clock.</param>
/// <param name="ResetText">The same in digits.</param>
/// <param name="SecondsLeft">Until then, rounded up; at least 1.</param>
public readonly record struct QuotaState(long Remaining, long Reset, string ResetText, long SecondsLeft);
