using System.Globalization;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Exports;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Licenses as a file; what it says can be imported again.</summary>
internal sealed class LicenseExport(LicenseQueries licenses, TenantPlacement placement, LicenseExportQuery query, TimeProvider time)
    : PagedExport<LicenseDetails>("licenses", query.Format, LicensingJson.Default.LicenseDetails)
{
    private static readonly string[] Own =
    [
        "id", "key", "type", "status", "product_id", "expires_at", "grace_days", "policy", "customer_name", "customer_email", "entitlements", "metadata", "activations_count", "last_used_at", "created_at",
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Columns => Own;

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<LicenseDetails>> ReadOnAsync(Guid after, CancellationToken cancellationToken) =>
        [.. (await licenses.ReadOnAsync(placement, query.Selection, after, AtOnce, cancellationToken)).Select(one => Show(one.License, one.Entitlements))];

    /// <inheritdoc/>
    protected override Guid IdOf(LicenseDetails row) => row.Id;

    /// <inheritdoc/>
    protected override IEnumerable<string?> Cells(LicenseDetails row) =>
    [
        row.Id.ToString(), row.Key, row.Type, row.Status, row.ProductId?.ToString(), Text(row.ExpiresAt), row.GraceDays.ToString(CultureInfo.InvariantCulture), row.Policy.ToText(),
        row.Customer?.Name, row.Customer?.Email, row.Entitlements.Text, row.Metadata.Text, row.ActivationsCount.ToString(CultureInfo.InvariantCulture), Text(row.LastUsedAt),
        Text(row.CreatedAt),
    ];

    /// <summary>Its own rules, not those that it inherits: taken in again it inherits them again.</summary>
    private LicenseDetails Show(LicenseRecord license, IReadOnlyList<Entitlement> entitlements)
    {
        var shown = license.Show(entitlements, time.GetUtcNow());
        return shown with { Entitlements = new RawJson(Entitlement.ToObject(entitlements)), Policy = shown.PolicyOverrides };
    }

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
