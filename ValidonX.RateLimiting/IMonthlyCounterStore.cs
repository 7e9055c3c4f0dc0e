namespace ValidonX.RateLimiting;

/// <summary>
/// What was spent of monthly quotas, kept where a restart of Redis does not reach. A count belongs to one writer (one run of one gateway) and
/// only ever grows, so that writing it twice changes nothing and the sum over writers never invents a request.
/// </summary>
public interface IMonthlyCounterStore
{
    /// <summary>All writers' counts of a partition in a month (UTC, its first day).</summary>
    Task<IReadOnlyList<MonthlyCount>> ReadAsync(string partition, DateOnly month, CancellationToken cancellationToken);

    /// <summary>Raises each count to at least the given value.</summary>
    Task RaiseAsync(IReadOnlyList<MonthlyUse> uses, CancellationToken cancellationToken);
}

/// <param name="Writer">The run that spent, as given to <see cref="IMonthlyCounterStore.RaiseAsync"/>.</param>
/// <param name="Used">Requests admitted by it.</param>
public readonly record struct MonthlyCount(string Writer, long Used);

/// <param name="Partition">The counter's name, <c>{scope}:rl:{policy}:{partition}:month:</c>, at most 255 ASCII characters.</param>
/// <param name="Month">First day of the month, UTC.</param>
/// <param name="Writer">At most 90 ASCII characters, <c>{replica}/{incarnation}</c>.</param>
/// <param name="Used">Requests admitted by that writer in that month so far.</param>
public readonly record struct MonthlyUse(string Partition, DateOnly Month, string Writer, long Used);

/// <summary>Keeps nothing: monthly counters then live as long as Redis's memory.</summary>
internal sealed class NoMonthlyCounterStore : IMonthlyCounterStore
{
    public Task<IReadOnlyList<MonthlyCount>> ReadAsync(string partition, DateOnly month, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MonthlyCount>>([]);

    public Task RaiseAsync(IReadOnlyList<MonthlyUse> uses, CancellationToken cancellationToken) => Task.CompletedTask;
}
