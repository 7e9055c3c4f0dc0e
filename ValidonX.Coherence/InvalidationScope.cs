namespace ValidonX.Coherence;

/// <summary>How far an <see cref="Invalidation"/> reaches.</summary>
internal enum InvalidationScope
{
    Entry,
    Tenant,
    Everything,
}
