namespace ValidonX.RateLimiting;

/// <summary>
/// Combinators of tasks (<c>WhenAny</c>, <c>WaitAsync</c>) continue on the thread pool when the task was made to continue asynchronously, even where a
/// synchronization context asks for another place. A task that is awaited first honours the context: the simulation depends on it.
/// </summary>
internal static class ContextFollowing
{
    public static async Task FollowAsync(this Task task) => await task;
}
