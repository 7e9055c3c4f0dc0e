namespace ValidonX.Provisioner.Closing;

/// <summary>Sees each step of a deletion directly after it is done, which is where a process may die.</summary>
internal interface IDeletionObserver
{
    /// <summary>The step is done.</summary>
    /// <param name="tenantId">Whose deletion.</param>
    /// <param name="step">What was done: <c>role</c>, <c>table</c>, <c>database</c>, <c>placement</c>, the name of a platform table, or <c>members</c>.</param>
    void Done(Guid tenantId, string step);
}
