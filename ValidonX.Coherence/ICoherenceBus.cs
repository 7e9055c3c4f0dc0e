namespace ValidonX.Coherence;

/// <summary>How replicas and writers reach each other. Every call throws what <see cref="RedisFailure"/> knows when it cannot, within the options' time.</summary>
internal interface ICoherenceBus
{
    /// <summary>Begins to hear of changes, and of acknowledgements meant for this replica or for all. Handlers run concurrently and in any order.</summary>
    Task SubscribeAsync(string replica, Action<Change> onChange, Action<Acknowledgement> onAcknowledged);

    /// <summary>Prolongs the replica's lease in the registry.</summary>
    Task<Renewal> RenewAsync(string replica, CancellationToken cancellationToken);

    /// <summary>Numbers the change, announces it and looks who holds a lease, all at one instant.</summary>
    Task<Publication> PublishAsync(string sender, IReadOnlyCollection<Invalidation> changes, CancellationToken cancellationToken);

    /// <summary>Tells one sender, or all when it is null, how far a replica has applied changes.</summary>
    Task AcknowledgeAsync(string? sender, Acknowledgement acknowledgement, CancellationToken cancellationToken);

    /// <summary>Takes the replica out of the registry.</summary>
    Task LeaveAsync(string replica, CancellationToken cancellationToken);
}

/// <summary>An announced change.</summary>
internal sealed record Change(string Epoch, long Sequence, string Sender, IReadOnlyList<Invalidation> Invalidations);

/// <summary>The replica has applied every change of the epoch up to the sequence number.</summary>
internal sealed record Acknowledgement(string Epoch, string Replica, long Sequence);

/// <summary>The last change at the time of a renewal.</summary>
internal sealed record Renewal(string Epoch, long Sequence);

/// <summary>What Redis knew at the instant of a publication.</summary>
/// <param name="Epoch">The life of Redis's content.</param>
/// <param name="Sequence">The number that the change got.</param>
/// <param name="Quarantine">For how long there may be leases that this content of Redis does not know of, given by an earlier one.</param>
/// <param name="Leases">The time left of each replica's lease.</param>
internal sealed record Publication(string Epoch, long Sequence, TimeSpan Quarantine, IReadOnlyDictionary<string, TimeSpan> Leases);
