using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Limits;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Activations;

/// <summary>
/// The seats of a license under its lock, so that who takes one takes turns. A seat is a row that is marked active; there are never more of those than the license
/// allows. One whose lease has ended counts for nothing, and before another takes its place its end is written down under the lock of its row, which its own
/// heartbeat needs, too: so whichever comes first, the seat is never two's.
/// </summary>
/// <param name="LicenseId">The license.</param>
/// <param name="Terms">What decides about it.</param>
/// <param name="Limits">How many there are.</param>
/// <param name="Marked">How many are marked active.</param>
/// <param name="Ended">Those of them whose lease has ended; their rows are locked.</param>
/// <param name="WasActivated">Whether there was ever an activation.</param>
internal sealed record LockedSeats(Guid LicenseId, string LicenseKey, LicenseTerms Terms, SeatLimits Limits, long Marked, IReadOnlyList<ActivationRow> Ended, bool WasActivated)
{
    /// <summary>The event of a license whose seats are all taken.</summary>
    public const string LimitReached = "activation.limit_reached";

    /// <summary>The seats that are held.</summary>
    public long Live => Marked - Ended.Count;

    /// <summary>
    /// Locks a license and reads its seats, in one round trip: under READ COMMITTED each statement after the lock sees what was committed before the lock was had.
    /// </summary>
    /// <param name="transaction">Which holds the lock from now on.</param>
    /// <param name="where">Which license: a condition on <c>l</c>, a text of the code's own.</param>
    /// <param name="parameters">The condition's.</param>
    /// <param name="now">The moment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LockedSeats?> LockAsync(
        DbTransaction transaction, string where, DynamicParameters parameters, DateTimeOffset now, CancellationToken cancellationToken)
    {
        parameters.Add("now", now);
        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT l.id, l.license_key, {LicenseTerms.Columns} FROM license_keys l WHERE {where} FOR UPDATE;
            SELECT {ActivationRow.Columns}
            FROM license_keys l JOIN activations a ON a.license_id = l.id
            WHERE {where} AND a.active_marker = 1 AND a.lease_expires_at <= @now FOR UPDATE;
            SELECT COUNT(*) FROM license_keys l JOIN activations a ON a.license_id = l.id WHERE {where} AND a.active_marker = 1;
            SELECT EXISTS (SELECT 1 FROM license_keys l JOIN activations a ON a.license_id = l.id WHERE {where});
            SELECT e.license_id, e.code, e.kind, e.value FROM license_keys l JOIN entitlements e ON {SeatLimits.Rows} WHERE {where}
            """,
            parameters,
            transaction,
            cancellationToken: cancellationToken));
        var license = await rows.ReadSingleOrDefaultAsync<LicenseRow>();
        var ended = (await rows.ReadAsync<ActivationRow>()).AsList();
        var marked = await rows.ReadSingleAsync<long>();
        var wasActivated = await rows.ReadSingleAsync<bool>();
        var limits = (await rows.ReadAsync<LimitRow>()).AsList();
        return license is null ? null : new LockedSeats(license.Id, license.LicenseKey, license, SeatLimits.Of(license, limits), marked, ended, wasActivated);
    }

    /// <summary>Why nobody can use the license now.</summary>
    public ApiError? Refusal(string? region, DateTimeOffset now) => Refusal(Terms, region, now);

    /// <summary>Why nobody can take a seat of a license with these terms, or keep one.</summary>
    public static ApiError? Refusal(LicenseTerms terms, string? region, DateTimeOffset now)
    {
        var state = terms.StateAt(now);
        return state == LicenseState.Revoked ? ApiErrors.LicenseRevoked
            : LicenseView.Reason(state) is { } reason ? ApiErrors.ActivationInvalidBecause(reason)
            : Restrictions.Refusal(terms.Policy, region, now);
    }

    /// <summary>Makes room for one more seat that is held: refuses when there is none, else writes down the ends of leases.</summary>
    /// <param name="transaction">Which holds the lock.</param>
    /// <param name="instead">A seat that is given up for it.</param>
    /// <param name="keep">Of those whose lease has ended the one that goes on.</param>
    /// <param name="now">The moment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ApiError?> MakeRoomAsync(DbTransaction transaction, ActivationRow? instead, Guid? keep, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var given = instead is not null && instead.StatusAt(now) == ActivationStatus.Active ? 1 : 0;
        if (Limits.Allowed is { } allowed && Live - given >= allowed)
        {
            return ApiErrors.ActivationLimitExceeded(Live, allowed);
        }

        if (Limits.Total is { } total && given == 0 && await PlanLimit.Activations.TakeAsync(transaction, total, now, cancellationToken) is (var current, false))
        {
            return ApiErrors.ActivationLimitExceeded(current, total);
        }

        await SeatEnds.EndAsync(transaction, Over(instead, keep), ActivationStatus.Expired, now, cancellationToken);
        return null;
    }

    /// <summary>What has happened when one more is held: leases that had ended, and the limit that was reached by it.</summary>
    public IEnumerable<AuditEvent> Events(AuditEvent audit, ActivationRow? instead, Guid? keep, DateTimeOffset now)
    {
        foreach (var over in Over(instead, keep))
        {
            yield return SeatEnds.Event(audit, over, ActivationStatus.Expired, now);
        }

        var held = Live + 1 - (instead is not null && instead.StatusAt(now) == ActivationStatus.Active ? 1 : 0);
        if (Limits.Sold is { } sold && Live < sold && held >= sold)
        {
            yield return (audit with { Action = LimitReached, Details = $$"""{"current":{{held}},"limit":{{sold}},"allowed":{{Limits.Allowed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}}}""" })
                .About("license", LicenseId);
        }
    }

    private List<ActivationRow> Over(ActivationRow? instead, Guid? keep) => [.. Ended.Where(seat => seat.Id != instead?.Id && seat.Id != keep)];

    private sealed record LicenseRow : LicenseTerms
    {
        public Guid Id { get; init; }

        public string LicenseKey { get; init; } = "";
    }
}
