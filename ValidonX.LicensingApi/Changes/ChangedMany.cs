using ValidonX.Coherence;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Changes;

/// <summary>What a step that changes many things came to, inside its transaction.</summary>
/// <param name="Result">What the step is asked for.</param>
/// <param name="Events">What happened, one event for each thing; in the order in which it did.</param>
/// <param name="Stale">What every replica has to hear of, also what was so already.</param>
internal sealed record ChangedMany<T>(T Result, IReadOnlyCollection<AuditEvent> Events, IReadOnlyCollection<Invalidation> Stale);
