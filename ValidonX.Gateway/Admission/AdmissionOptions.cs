namespace ValidonX.Gateway.Admission;

/// <summary>Configuration section <c>Gateway:Admission</c>: how many requests may be under way at once.</summary>
internal sealed class AdmissionOptions
{
    /// <summary>Requests of all tenants together, per replica.</summary>
    public int MaximumRequests { get; set; } = 1024;

    /// <summary>The part of them that one tenant may occupy, above 0 and at most 1.</summary>
    public double TenantShare { get; set; } = 0.25;

    /// <summary>Requests of one tenant.</summary>
    public int TenantMaximum => Math.Max(1, (int)(MaximumRequests * TenantShare));
}
