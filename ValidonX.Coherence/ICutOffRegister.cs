namespace ValidonX.Coherence;

/// <summary>
/// The replicas that are out of Redis's sight and use their caches all the same, for <see cref="CoherenceOptions.Grace"/> after each load. It is kept where the values
/// come from, in the database: a replica that cannot reach it has nothing to remember either, and a writer has just been there.
/// Every call throws what the database throws when it cannot.
/// </summary>
public interface ICutOffRegister
{
    /// <summary>Notes the replica, or prolongs its entry. When the call returns, every writer that looks from then on finds it.</summary>
    /// <param name="entry">Which replica, and which of its times without Redis.</param>
    /// <param name="life">After which the entry is void, by the register's clock.</param>
    /// <param name="cancellationToken">Gives up waiting; the entry may have been made all the same.</param>
    Task EnterAsync(CutOffEntry entry, TimeSpan life, CancellationToken cancellationToken);

    /// <summary>Takes the entry out.</summary>
    Task LeaveAsync(CutOffEntry entry, CancellationToken cancellationToken);

    /// <summary>Whether there is any replica but this one.</summary>
    Task<bool> HasOthersAsync(string replica, CancellationToken cancellationToken);
}

/// <summary>One time without Redis. Each has an entry of its own, so that taking out the last one, when that is late, cannot take out the present one.</summary>
public readonly record struct CutOffEntry(string Replica, int Time);
