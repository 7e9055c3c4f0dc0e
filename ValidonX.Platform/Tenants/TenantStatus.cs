namespace ValidonX.Platform.Tenants;

/// <summary>The states of a tenant, as stored and as shown.</summary>
public static class TenantStatus
{
    /// <summary>Its provisioning has not ended well yet.</summary>
    public const string Provisioning = "provisioning";

    /// <summary>In service.</summary>
    public const string Active = "active";

    /// <summary>Refused with 403 <c>TENANT.STATUS.SUSPENDED</c> until it is reactivated.</summary>
    public const string Suspended = "suspended";

    /// <summary>Over for good; refused with 403 <c>TENANT.INVALID_STATE</c>.</summary>
    public const string Closed = "closed";
}
