namespace ValidonX.Coherence;

/// <summary>Why a writer's call could return.</summary>
internal enum InvalidationOutcome
{
    /// <summary>Every replica that Redis knows of has applied the change.</summary>
    Acknowledged,

    /// <summary>Of those that had not, every lease has run out.</summary>
    Lapsed,

    /// <summary>Redis did not answer for as long as a lease lasts; the change is still to be announced.</summary>
    Unannounced,
}
