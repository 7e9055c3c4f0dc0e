namespace ValidonX.Platform.Databases;

/// <summary>How often and when a transaction that lost against another one is tried again, which InnoDB expects of every caller.</summary>
internal static class Deadlocks
{
    /// <summary>Attempts in all.</summary>
    public const int Attempts = 8;

    /// <summary>
    /// Waits before the next attempt: after a first loss not at all, since the other one has won and is gone; then a random moment that doubles each time (under 64 ms
    /// at most), because those who lose against each other again and again do so in step.
    /// </summary>
    /// <param name="attempt">The attempt that has lost, from 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        attempt == 1 ? Task.CompletedTask : Task.Delay(Random.Shared.Next(1 << (attempt - 1)), cancellationToken);
}
