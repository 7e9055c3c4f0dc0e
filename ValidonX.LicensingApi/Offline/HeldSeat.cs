namespace ValidonX.LicensingApi.Offline;

/// <summary>A seat that an instance holds now.</summary>
internal sealed class HeldSeat
{
    /// <summary>The columns that Dapper maps onto this.</summary>
    public const string Columns = "id, lease_expires_at";

    /// <summary>Which it is: <c>@licenseId</c>, <c>@instanceId</c>, <c>@now</c>.</summary>
    public const string Condition = "license_id = @licenseId AND instance_id = @instanceId AND active_marker = 1 AND (lease_expires_at IS NULL OR lease_expires_at > @now)";

    public Guid Id { get; init; }

    /// <summary>Until when, if it is leased.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; init; }
}
