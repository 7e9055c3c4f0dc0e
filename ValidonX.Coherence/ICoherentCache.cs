namespace ValidonX.Coherence;

/// <summary>What invalidations do to a cache. When a call returns, no later read finds the old value and no load begun earlier stores it.</summary>
internal interface ICoherentCache
{
    string Type { get; }

    int ValueCount { get; }

    int NegativeCount { get; }

    void DropEntry(Guid tenantId, string id);

    void DropTenant(Guid tenantId);

    void DropAll();

    /// <summary>A lease begins: of what is here only the grace's may be used.</summary>
    void BeginAnew();
}
