namespace ValidonX.Coherence;

/// <summary>Tells every replica what a change made stale, and returns when none of them can answer with it any more.</summary>
public interface ICoherence
{
    /// <summary>
    /// Call it after the commit. It announces the change and completes when every replica that held a lease has
    /// acknowledged, has left, or has lost its lease, so it takes a round trip as a rule, and at most <see cref="CoherenceOptions.Lease"/> when a
    /// replica has died or frozen; and not before <see cref="CoherenceOptions.Grace"/> when a replica is cut off from Redis. Calls made meanwhile travel together.
    /// <para>
    /// When Redis does not answer it fails after the time in which every lease that Redis cannot prolong runs out, and goes on trying to announce
    /// the change: replicas that do reach Redis may have the old value until then, so nobody must be told that the change is in force.
    /// </para>
    /// </summary>
    /// <param name="changes">What the change made stale; also entries that were cached as not existing.</param>
    /// <param name="cancellationToken">Ends the wait only: the change is announced in any case.</param>
    /// <exception cref="ChangeNotAnnouncedException">Redis did not answer this process.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    Task InvalidateAsync(IReadOnlyCollection<Invalidation> changes, CancellationToken cancellationToken);
}
