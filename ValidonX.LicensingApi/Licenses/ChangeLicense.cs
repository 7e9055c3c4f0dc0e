using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Offline;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>
/// Changes a license's state. When it returns, every replica answers accordingly. A change to the state that the license is in
/// already succeeds and changes nothing; a revoked license stays revoked.
/// </summary>
internal sealed class ChangeLicense(StateChanges changes, TimeProvider time)
{
    /// <summary>Puts it on hold.</summary>
    public Task<IResult> SuspendAsync(TenantPlacement placement, Guid id, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, LicenseStatus.Suspended, null, request);

    /// <summary>Puts it back into force.</summary>
    public Task<IResult> ReinstateAsync(TenantPlacement placement, Guid id, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, LicenseStatus.Active, null, request);

    /// <summary>Ends it for good.</summary>
    public Task<IResult> RevokeAsync(TenantPlacement placement, Guid id, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, LicenseStatus.Revoked, null, request);

    /// <summary>Gives it another expiry.</summary>
    public Task<IResult> RenewAsync(TenantPlacement placement, Guid id, DateTimeOffset expiresAt, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, null, expiresAt, request);

    private Task<IResult> ExecuteAsync(
        TenantPlacement placement, Guid id, LicenseStatus? status, DateTimeOffset? expiresAt, ChangeRequest<LicenseDetails> request) =>
        changes.InTenantAsync<LicenseDetails>(placement, request, async (transaction, token) =>
        {
            var row = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                "SELECT license_key, status FROM license_keys WHERE id = @id FOR UPDATE",
                new { id },
                transaction,
                cancellationToken: token));
            if (row is null)
            {
                return ApiErrors.LicenseNotFound;
            }

            var stored = StoredEnum.Parse<LicenseStatus>(row.Status);
            IReadOnlyCollection<Invalidation> stale = status == LicenseStatus.Revoked
                ? [LicenseViews.Changed(placement.TenantId, row.LicenseKey), Revocations.Changed(placement.TenantId)]
                : [LicenseViews.Changed(placement.TenantId, row.LicenseKey)];
            if (stored == LicenseStatus.Revoked && stored != status)
            {
                return new Changed<LicenseDetails>(ApiErrors.Conflict("The license has been revoked for good.")) { Stale = stale };
            }

            var now = time.GetUtcNow();
            var before = (await LicenseQueries.FindAsync(transaction.Connection!, transaction, id, now, token))!;
            if (stored == status)
            {
                return new Changed<LicenseDetails>(before) { Stale = stale };
            }

            await UpdateAsync(transaction, id, status, expiresAt, token);
            var after = (await LicenseQueries.FindAsync(transaction.Connection!, transaction, id, now, token))!;
            var happened = request.Audit.About("license", id).Changed(before, after, LicensingJson.Default.LicenseDetails);
            return new Changed<LicenseDetails>(after)
            {
                Stale = stale,
                Event = status == LicenseStatus.Revoked ? happened.Showing("license", after, LicensingJson.Default.LicenseDetails) : happened,
            };
        });

    private Task<int> UpdateAsync(DbTransaction transaction, Guid id, LicenseStatus? status, DateTimeOffset? expiresAt, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE license_keys SET status = COALESCE(@status, status), expires_at = COALESCE(@expiresAt, expires_at), updated_at = @now WHERE id = @id",
            new { status = status?.Word(), expiresAt, now = time.GetUtcNow(), id },
            transaction,
            cancellationToken: cancellationToken));

    private sealed class Row
    {
        public string LicenseKey { get; init; } = "";

        public string Status { get; init; } = "";
    }
}
