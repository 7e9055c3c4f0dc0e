using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;

namespace ValidonX.LicensingApi.Entitlements;

/// <summary>Writes a license's entitlements.</summary>
internal static class EntitlementRows
{
    /// <summary>All of them in one statement.</summary>
    public static async Task InsertAsync(
        DbTransaction transaction, Guid licenseId, IReadOnlyList<Entitlement> entitlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (entitlements.Count == 0)
        {
            return;
        }

        var rows = new StringBuilder();
        var parameters = new DynamicParameters(new { licenseId, now });
        foreach (var (index, entitlement) in entitlements.Index())
        {
            rows.Append(CultureInfo.InvariantCulture, $"{(index == 0 ? "" : ", ")}(@licenseId, @code{index}, @kind{index}, @value{index}, @hard{index}, 'license', @now)");
            parameters.Add($"code{index}", entitlement.Code);
            parameters.Add($"kind{index}", entitlement.Kind);
            parameters.Add($"value{index}", entitlement.Value);
            parameters.Add($"hard{index}", entitlement.HardLimit);
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"INSERT INTO entitlements (license_id, code, kind, value, hard_limit, source, updated_at) VALUES {rows}",
            parameters,
            transaction,
            cancellationToken: cancellationToken));
    }
}
