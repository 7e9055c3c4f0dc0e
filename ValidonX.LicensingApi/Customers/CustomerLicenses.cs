using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Customers;

/// <summary>A license as its customer sees it: nothing that its vendor keeps with it, and nothing of devices but what tells them apart.</summary>
internal sealed class CustomerLicenses(TenantDatabases databases, TimeProvider time)
{
    /// <summary>Most devices that are shown, the newest first.</summary>
    public const int MostDevices = 200;

    /// <summary>Shows it.</summary>
    /// <exception cref="ApiException">404: it is not there any more.</exception>
    public async Task<CustomerLicense> ShowAsync(TenantPlacement placement, Guid licenseId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await databases.ReadAsync(
            placement,
            $"""
            SELECT {LicenseRecord.Columns}, (SELECT p.name FROM products p WHERE p.id = l.product_id) AS product_name FROM license_keys l WHERE l.id = @licenseId;
            SELECT e.license_id, e.code, e.kind, e.value FROM license_keys l JOIN entitlements e ON {SeatLimits.Rows} WHERE l.id = @licenseId;
            SELECT {ActivationRow.Columns} FROM activations a
            WHERE a.license_id = @licenseId AND a.active_marker = 1 AND (a.lease_expires_at IS NULL OR a.lease_expires_at > @now) ORDER BY a.id DESC LIMIT {MostDevices}
            """,
            new { licenseId, now },
            async rows =>
            {
                var license = await rows.ReadSingleOrDefaultAsync<ProductLicense>();
                var limits = SeatLimits.Of(license ?? new ProductLicense(), [.. await rows.ReadAsync<LimitRow>()]);
                var devices = (await rows.ReadAsync<ActivationRow>()).ToList();
                return license is null ? throw new ApiException(ApiErrors.LicenseNotFound) : Show(license, limits, devices, now);
            },
            cancellationToken);
    }

    private static CustomerLicense Show(ProductLicense license, SeatLimits limits, IEnumerable<ActivationRow> devices, DateTimeOffset now) =>
        new(
            license.LicenseKey,
            license.ProductName,
            license.Type.Word(),
            ShownLicenseStatus.Of(license.StateAt(now)),
            license.ExpiresAt,
            new CustomerSeats(license.ActivationsCount, limits.Sold),
            [.. devices.Select(device => new CustomerDevice(device.Id, device.InstanceId, device.ActivatedAt, LastSeen(device, license.Policy, now)))]);

    /// <summary>A lease says when it was renewed, by how long leases are. Never before the device was there, nor after now, however long they were then.</summary>
    private static DateTimeOffset? LastSeen(ActivationRow device, Policy policy, DateTimeOffset now) =>
        device.LeaseExpiresAt is not { } end ? null
        : end - (policy.LeaseFrom(now, null) - now) is var seen && seen < device.ActivatedAt ? device.ActivatedAt
        : seen > now ? now
        : seen;

    private sealed record ProductLicense : LicenseRecord
    {
        public string? ProductName { get; init; }
    }
}

/// <summary>A license as its customer sees it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Product">What it is for.</param>
/// <param name="Type">What kind of license it is.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="ExpiresAt">When it expires, if ever.</param>
/// <param name="Seats">How many devices may use it, and do.</param>
/// <param name="Devices">Those that do, the newest first, at most 200.</param>
internal sealed record CustomerLicense(
    [property: Example("ACME-2026-000042")] string Key,
    [property: Example("Acme Studio")] string? Product,
    [property: Words("perpetual", "subscription", "trial", "floating")] string Type,
    [property: Words("active", "suspended", "expired", "revoked")] string Status,
    DateTimeOffset? ExpiresAt,
    CustomerSeats Seats,
    IReadOnlyList<CustomerDevice> Devices);

/// <summary>Seats of a license.</summary>
/// <param name="Taken">That are taken.</param>
/// <param name="Total">That there are; null for any number.</param>
internal sealed record CustomerSeats(long Taken, long? Total);

/// <summary>A device that uses a license.</summary>
/// <param name="Id">The id of its activation.</param>
/// <param name="Name">What the app calls it.</param>
/// <param name="ActivatedAt">Since when it uses the license.</param>
/// <param name="LastSeenAt">When it was last heard of; null for one that does not report.</param>
internal sealed record CustomerDevice(Guid Id, [property: Example("workstation-7")] string Name, DateTimeOffset ActivatedAt, DateTimeOffset? LastSeenAt);
