namespace ValidonX.Provisioner.Billing;

/// <summary>Sees a subscription being moved on, at the instants at which a process may die.</summary>
internal interface IBillingObserver
{
    /// <summary>Everything is written and nothing is committed.</summary>
    void Committing(Guid tenantId);

    /// <summary>It is committed and nobody has been told.</summary>
    void Committed(Guid tenantId);
}
