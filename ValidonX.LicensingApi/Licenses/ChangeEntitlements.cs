using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Gives a license other entitlements. When it returns, every replica answers accordingly.</summary>
internal sealed class ChangeEntitlements(StateChanges changes, TimeProvider time)
{
    /// <summary>Puts these in the place of all that it has.</summary>
    public Task<IResult> ReplaceAsync(TenantPlacement placement, Guid id, EntitlementList wanted, ChangeRequest<LicenseDetails> request) =>
        changes.InTenantAsync<LicenseDetails>(placement, request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            var row = await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
                "SELECT license_key, status FROM license_keys WHERE id = @id FOR UPDATE", new { id }, transaction, cancellationToken: token));
            if (row is null)
            {
                return ApiErrors.LicenseNotFound;
            }

            if (StoredEnum.Parse<LicenseStatus>(row.Status) == LicenseStatus.Revoked)
            {
                return ApiErrors.Conflict("The license has been revoked for good.");
            }

            var now = time.GetUtcNow();
            var before = (await LicenseQueries.FindAsync(connection, transaction, id, now, token))!;
            await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM entitlements WHERE license_id = @id; UPDATE license_keys SET updated_at = @now WHERE id = @id", new { id, now }, transaction, cancellationToken: token));
            await LicenseRows.InsertEntitlementsAsync(transaction, id, wanted.List, now, token);
            var after = (await LicenseQueries.FindAsync(connection, transaction, id, now, token))!;
            return new Changed<LicenseDetails>(after)
            {
                Stale = [LicenseViews.Changed(placement.TenantId, row.LicenseKey)],
                Event = after.Entitlements.Text == before.Entitlements.Text
                    ? null
                    : request.Audit.About("license", id).Changed(before, after, LicensingJson.Default.LicenseDetails),
            };
        });

    private sealed record Row
    {
        public string LicenseKey { get; init; } = "";

        public string Status { get; init; } = "";
    }
}

/// <summary>Other entitlements.</summary>
internal sealed record EntitlementsChange : IRequest
{
    /// <summary>What the license allows from now on, by code; what is not there it does not allow any more.</summary>
    [Entitlements]
    [Example("""{"export.pdf": true, "seats": 10}""")]
    public required EntitlementList Entitlements { get; init; }
}
