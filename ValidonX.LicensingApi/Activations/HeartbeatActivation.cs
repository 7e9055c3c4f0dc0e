using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>
/// Keeps a leased seat. As long as the lease runs that is one row, under no other lock. One that comes late gets its seat back if it is still free, by the same rules as who
/// takes one.
/// </summary>
internal sealed class HeartbeatActivation(ActivationViews activations, LicenseViews licenses, LicenseUse use, TenantDatabases databases, StateChanges changes, TimeProvider time)
{
    /// <summary>Keeps it, or says why not.</summary>
    public async Task<IResult> ExecuteAsync(TenantPlacement placement, Guid id, string? region, ChangeRequest<ActivationRow> request)
    {
        var known = await activations.FindAsync(placement, id, request.Aborted);
        var license = known is null ? null : await licenses.FindAsync(placement, known.LicenseKey, request.Aborted);
        if (license is null)
        {
            return ApiResult.Error(ApiErrors.ActivationNotFound);
        }

        var now = time.GetUtcNow();
        if (LockedSeats.Refusal(license.Terms, region, now) is { } refusal)
        {
            return ApiResult.Error(refusal);
        }

        use.Note(placement, license);
        return await KeepAsync(placement, id, license.Terms, now, request.Aborted) is { } kept
            ? request.Answer(kept)
            : await changes.InTenantAsync(placement, request, (transaction, token) => ComeBackAsync(transaction, known!.Row, region, request.Audit, token));
    }

    /// <summary>Renews a lease that runs; <see langword="null"/> when it does not. A seat without a lease is kept as it is.</summary>
    private Task<ActivationRow?> KeepAsync(TenantPlacement placement, Guid id, LicenseTerms terms, DateTimeOffset now, CancellationToken cancellationToken) =>
        databases.WriteAsync<ActivationRow?>(
            placement,
            new InterpolatedSql().Add($"SELECT {Columns} FROM activations a WHERE a.id = {id} FOR UPDATE"),
            async rows =>
            {
                var row = await rows.ReadSingleOrDefaultAsync<ActivationRow>();
                if (row?.StatusAt(now) != ActivationStatus.Active)
                {
                    return (null, null);
                }

                if (!row.IsLeased)
                {
                    return (null, row);
                }

                var kept = row with { LeaseExpiresAt = terms.Policy.LeaseFrom(now, row.LeaseExpiresAt) };
                return (new InterpolatedSql().Add($"UPDATE activations SET lease_expires_at = {kept.LeaseExpiresAt} WHERE id = {id}"), kept);
            },
            cancellationToken);

    private static FormattableString Columns => System.Runtime.CompilerServices.FormattableStringFactory.Create(ActivationRow.Columns);

    private async Task<Changed<ActivationRow>> ComeBackAsync(DbTransaction transaction, ActivationRow known, string? region, AuditEvent audit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var seats = await LockedSeats.LockAsync(transaction, "l.id = @LicenseId", new DynamicParameters(new { known.LicenseId }), now, cancellationToken);
        if (seats is null)
        {
            return ApiErrors.ActivationNotFound;
        }

        if (seats.Refusal(region, now) is { } refusal)
        {
            return refusal;
        }

        var row = await transaction.Connection!.QuerySingleAsync<ActivationRow>(new CommandDefinition(
            $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id FOR UPDATE", new { id = known.Id }, transaction, cancellationToken: cancellationToken));
        if (row.StatusAt(now) is not (ActivationStatus.Active or ActivationStatus.Expired) and var lost)
        {
            return ApiErrors.SeatLost(ActivationStatus.Reason(lost)!);
        }

        var back = row with { Status = ActivationStatus.Active, RevokedAt = null, LeaseExpiresAt = seats.Terms.Policy.LeaseFrom(now, row.LeaseExpiresAt) };
        if (row.StatusAt(now) == ActivationStatus.Active)
        {
            // Another heartbeat was faster.
            return new Changed<ActivationRow>(row);
        }

        if (row.Status == ActivationStatus.Expired && await HasAnotherAsync(transaction, row, cancellationToken))
        {
            return ApiErrors.SeatLost(Policies.Reasons.Superseded);
        }

        if (await seats.MakeRoomAsync(transaction, instead: null, row.Id, now, cancellationToken) is { } full)
        {
            return seats.Limits.Allowed <= seats.Live ? ApiErrors.SeatLost(Policies.Reasons.SeatTaken) : full;
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE activations SET status = 'active', active_marker = 1, revoked_at = NULL, lease_expires_at = @LeaseExpiresAt WHERE id = @Id",
            new { back.Id, back.LeaseExpiresAt },
            transaction,
            cancellationToken: cancellationToken));
        return new Changed<ActivationRow>(back)
        {
            // Whoever was told that it had ended is told that it is back.
            Event = row.Status == ActivationStatus.Expired
                ? audit.About("activation", row.Id).Changed((row with { LeaseExpiresAt = null }).Show(now), (back with { LeaseExpiresAt = null }).Show(now), LicensingJson.Default.ShownActivation)
                : null,
            AlsoHappened = [.. seats.Events(audit, instead: null, row.Id, now)],
        };
    }

    private static Task<bool> HasAnotherAsync(DbTransaction transaction, ActivationRow row, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM activations WHERE license_id = @LicenseId AND instance_id = @InstanceId AND active_marker = 1)",
            new { row.LicenseId, row.InstanceId },
            transaction,
            cancellationToken: cancellationToken));
}
