namespace ValidonX.Gateway.Clusters;

/// <summary>A named pool of licensing APIs as someone wrote it down, before it was checked.</summary>
/// <param name="Name">Its name; <c>plans.cluster</c> and <c>tenants.cluster</c> refer to it.</param>
/// <param name="Addresses">One base address for each destination.</param>
/// <param name="Source">Where it was written, for error messages.</param>
internal sealed record ClusterDefinition(string Name, IReadOnlyList<string> Addresses, string Source);
