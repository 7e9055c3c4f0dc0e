using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>
/// Changes a license. When it returns, every replica answers accordingly. A change to the state that the license is in already succeeds and changes nothing; a revoked
/// license stays as it is.
/// </summary>
internal sealed class ChangeLicense(StateChanges changes, TimeProvider time)
{
    /// <summary>Puts it on hold.</summary>
    public Task<IResult> SuspendAsync(TenantPlacement placement, Guid id, ChangeRequest<LicenseDetails> request) =>
        MoveAsync(placement, id, LicenseStatus.Suspended, request);

    /// <summary>Puts it back into force.</summary>
    public Task<IResult> ReinstateAsync(TenantPlacement placement, Guid id, ChangeRequest<LicenseDetails> request) =>
        MoveAsync(placement, id, LicenseStatus.Active, request);

    /// <summary>Ends it for good.</summary>
    public Task<IResult> RevokeAsync(TenantPlacement placement, Guid id, ChangeRequest<LicenseDetails> request) =>
        MoveAsync(placement, id, LicenseStatus.Revoked, request);

    /// <summary>Gives it another expiry.</summary>
    public Task<IResult> RenewAsync(TenantPlacement placement, Guid id, DateTimeOffset expiresAt, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, null, request, (transaction, now, token) => UpdateAsync(transaction, "expires_at = @expiresAt", new { id, now, expiresAt }, token));

    /// <summary>Replaces the rules that it has of its own, if they are as the caller has seen them.</summary>
    public Task<IResult> ReplacePolicyAsync(TenantPlacement placement, Guid id, Policy policy, IfMatch seen, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(
            placement,
            id,
            null,
            request,
            (transaction, now, token) => UpdateAsync(transaction, "policy = @policy", new { id, now, policy = policy.ToText() }, token),
            refuse: before => seen.Refusal(before.PolicyOverrides.Tag()));

    /// <summary>Gives it to another holder, and frees its seats if that is wanted.</summary>
    public Task<IResult> TransferAsync(TenantPlacement placement, Guid id, LicenseTransfer transfer, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, null, request, async (transaction, now, token) =>
        {
            await UpdateAsync(transaction, "customer_name = @Name, customer_email = @Email", new { id, now, transfer.Customer.Name, transfer.Customer.Email }, token);
            var freed = transfer.FreeSeats ? await SeatEnds.OfLicenseAsync(transaction, id, now, token) : [];
            return new Also(
                [.. freed.Select(seat => SeatEnds.Event(request.Audit, seat, ActivationStatus.Revoked, now))],
                freed.Count == 0 ? [] : [Revocations.Changed(placement.TenantId), .. freed.Select(seat => ActivationViews.Changed(placement.TenantId, seat.Id))]);
        });

    /// <summary>Gives the license these entitlements and no others. Those that it has already change nothing.</summary>
    public Task<IResult> ReplaceEntitlementsAsync(TenantPlacement placement, Guid id, EntitlementList wanted, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(
            placement,
            id,
            null,
            request,
            async (transaction, now, token) =>
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "DELETE FROM entitlements WHERE license_id = @id; UPDATE license_keys SET updated_at = @now WHERE id = @id", new { id, now }, transaction, cancellationToken: token));
                await LicenseRows.InsertEntitlementsAsync(transaction, id, wanted.List, now, token);
                return new Also([], []);
            },
            isSame: static (before, after) => after.Entitlements.Text == before.Entitlements.Text);

    private Task<IResult> MoveAsync(TenantPlacement placement, Guid id, LicenseStatus status, ChangeRequest<LicenseDetails> request) =>
        ExecuteAsync(placement, id, status, request, (transaction, now, token) => UpdateAsync(transaction, "status = @status", new { id, now, status = status.Word() }, token));

    private Task<IResult> ExecuteAsync(
        TenantPlacement placement,
        Guid id,
        LicenseStatus? status,
        ChangeRequest<LicenseDetails> request,
        Func<DbTransaction, DateTimeOffset, CancellationToken, Task<Also>> change,
        Func<LicenseDetails, LicenseDetails, bool>? isSame = null,
        Func<LicenseDetails, ApiError?>? refuse = null) =>
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

            if (refuse?.Invoke(before) is { } refusal)
            {
                return refusal;
            }

            var also = await change(transaction, now, token);
            var after = (await LicenseQueries.FindAsync(transaction.Connection!, transaction, id, now, token))!;
            var happened = request.Audit.About("license", id).Changed(before, after, LicensingJson.Default.LicenseDetails);
            return new Changed<LicenseDetails>(after)
            {
                Stale = [.. stale, .. also.Stale],
                Event = isSame?.Invoke(before, after) == true ? null
                    : status == LicenseStatus.Revoked ? happened.Showing("license", after, LicensingJson.Default.LicenseDetails) : happened,
                AlsoHappened = also.Events,
            };
        });

    /// <param name="transaction">Which holds the license's lock.</param>
    /// <param name="assignments">What is set; texts of this class alone.</param>
    private static async Task<Also> UpdateAsync(DbTransaction transaction, string assignments, object parameters, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE license_keys SET {assignments}, updated_at = @now WHERE id = @id", parameters, transaction, cancellationToken: cancellationToken));
        return new Also([], []);
    }

    /// <summary>What comes with a change.</summary>
    private sealed record Also(IReadOnlyList<AuditEvent> Events, IReadOnlyCollection<Invalidation> Stale);

    private sealed class Row
    {
        public string LicenseKey { get; init; } = "";

        public string Status { get; init; } = "";
    }
}
