using ValidonX.Coherence;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Changes;

/// <summary>What a change came to, inside its transaction.</summary>
/// <param name="Outcome">The value, or the refusal that the caller gets.</param>
internal sealed record Changed<T>(Outcome<T> Outcome)
    where T : class
{
    /// <summary>
    /// What every replica has to hear of. Also when it was so already: an earlier call may have died, or lost Redis, between its commit and
    /// its announcement, and its repetition is the only one who can make good for it.
    /// </summary>
    public IReadOnlyCollection<Invalidation> Stale { get; init; } = [];

    /// <summary>What happened, to be accounted for; <see langword="null"/> when nothing did.</summary>
    public AuditEvent? Event { get; init; }

    /// <summary>What else happened by it, after that.</summary>
    public IReadOnlyList<AuditEvent> AlsoHappened { get; init; } = [];

    public static implicit operator Changed<T>(ApiError refusal) => new((Outcome<T>)refusal);
}
