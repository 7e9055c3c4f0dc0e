using System.Data.Common;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Writes licenses with their entitlements, one or many in the same two statements.</summary>
internal static class LicenseRows
{
    /// <summary>Writes new ones.</summary>
    public static async Task InsertAsync(
        DbTransaction transaction, IEnumerable<(LicenseRecord License, IReadOnlyList<Entitlement> Entitlements)> made, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var licenses = new RowInsert(
            "license_keys", "id", "license_key", "type", "status", "product_id", "expires_at", "grace_days", "policy", "customer_name", "customer_email", "metadata", "created_at", "updated_at");
        var entitlements = Entitlements();
        foreach (var (license, allows) in made)
        {
            licenses.Add(
                license.Id,
                license.LicenseKey,
                license.Type.Word(),
                license.Status.Word(),
                license.ProductId,
                license.ExpiresAt,
                license.GraceDays,
                license.OwnPolicy.ToText(),
                license.CustomerName,
                license.CustomerEmail,
                license.Metadata,
                license.CreatedAt,
                license.CreatedAt);
            Add(entitlements, license.Id, allows, now);
        }

        await licenses.ExecuteAsync(transaction, cancellationToken);
        await entitlements.ExecuteAsync(transaction, cancellationToken);
    }

    /// <summary>Writes entitlements of a license that has none.</summary>
    public static Task InsertEntitlementsAsync(
        DbTransaction transaction, Guid licenseId, IReadOnlyList<Entitlement> allows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var entitlements = Entitlements();
        Add(entitlements, licenseId, allows, now);
        return entitlements.ExecuteAsync(transaction, cancellationToken);
    }

    private static RowInsert Entitlements() => new("entitlements", "license_id", "code", "kind", "value", "hard_limit", "source", "updated_at");

    private static void Add(RowInsert entitlements, Guid licenseId, IReadOnlyList<Entitlement> allows, DateTimeOffset now)
    {
        foreach (var one in allows)
        {
            entitlements.Add(licenseId, one.Code, one.Kind, one.Value, one.HardLimit, "license", now);
        }
    }
}
