using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The seat, and whether it was taken now or before.</summary>
internal sealed record SeatTaken(ActivationRow Activation, bool IsNew);

/// <summary>
/// Takes a seat. The license's row is locked from the look to the insert, so that however many instances ask at once, no more get a
/// seat than there are; an instance that has one gets the same again.
/// </summary>
internal sealed class ActivateInstance(StateChanges changes, FingerprintHasher hasher, TimeProvider time)
{
    /// <summary>Takes the seat, or says why not.</summary>
    public async Task<IResult> ExecuteAsync(TenantPlacement placement, ActivationRequest seat, ChangeRequest<SeatTaken> request) =>
        !LicenseKeyText.IsWellFormed(seat.LicenseKey)
            ? ApiResult.Error(ApiErrors.LicenseNotFound)
            : await changes.InTenantAsync(placement, request, (transaction, token) => TakeSeatAsync(transaction, placement, seat, request.Audit, token));

    private async Task<Changed<SeatTaken>> TakeSeatAsync(
        DbTransaction transaction, TenantPlacement placement, ActivationRequest asked, AuditEvent audit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var seats = await LockedSeats.LockAsync(transaction, "l.license_key = @LicenseKey", new DynamicParameters(new { asked.LicenseKey }), now, cancellationToken);
        if (seats is null)
        {
            return ApiErrors.LicenseNotFound;
        }

        if (seats.Refusal(asked.Region, now) is { } refusal)
        {
            return refusal;
        }

        var machine = hasher.Hash(seats.LicenseId, asked.Fingerprints);
        var (existing, isAnother) = await FindAsync(transaction, seats, asked.ToInstanceId(), machine, cancellationToken);
        return isAnother ? ApiErrors.ActivationOfAnotherMachine(Reasons.FingerprintMismatch)
            : existing is not null ? await GoOnAsync(transaction, placement, seats, existing, machine, audit, now, cancellationToken)
            : await TakeAsync(transaction, placement, seats, asked, machine, audit, now, cancellationToken);
    }

    /// <summary>The seat that the machine has already, by its name or by its components; or that the name is another machine's.</summary>
    private static async Task<(ActivationRow? Existing, bool IsAnother)> FindAsync(
        DbTransaction transaction, LockedSeats seats, string instance, Fingerprints machine, CancellationToken cancellationToken)
    {
        if (seats.Marked == 0)
        {
            return (null, false);
        }

        var rule = seats.Terms.Policy.FingerprintMatch;
        var known = (await transaction.Connection!.QueryAsync<ActivationRow>(new CommandDefinition(
            $"""
            SELECT {ActivationRow.Columns} FROM activations a
            WHERE a.license_id = @LicenseId AND a.active_marker = 1 AND (a.instance_id = @instance {(machine.IsEmpty ? "" : "OR a.fingerprints IS NOT NULL")}) FOR UPDATE
            """,
            new { seats.LicenseId, instance },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        return known.Find(one => one.InstanceId == instance) is { } named
            ? (named, !named.Fingerprints.Match(machine, rule))
            : (known.Where(one => one.Fingerprints.Match(machine, rule)).MaxBy(one => one.Fingerprints.SharedWith(machine)), false);
    }

    /// <summary>The same seat again: what has changed of the machine is noted, a lease goes on.</summary>
    private static async Task<Changed<SeatTaken>> GoOnAsync(
        DbTransaction transaction,
        TenantPlacement placement,
        LockedSeats seats,
        ActivationRow existing,
        Fingerprints machine,
        AuditEvent audit,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var updated = existing with
        {
            Fingerprints = existing.Fingerprints.With(machine),
            LeaseExpiresAt = IsLeased(seats.Terms, existing.Workload) ? seats.Terms.Policy.LeaseFrom(now, existing.LeaseExpiresAt) : null,
        };
        if (updated == existing)
        {
            return new Changed<SeatTaken>(new SeatTaken(existing, IsNew: false));
        }

        // A lease that had ended was free for everybody.
        var isBack = existing.StatusAt(now) == ActivationStatus.Expired;
        if (isBack && await seats.MakeRoomAsync(transaction, instead: null, existing.Id, now, cancellationToken) is { } full)
        {
            return full;
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE activations SET fingerprints = @fingerprints, lease_expires_at = @LeaseExpiresAt WHERE id = @Id",
            new { updated.Id, fingerprints = updated.Fingerprints.ToText(), updated.LeaseExpiresAt },
            transaction,
            cancellationToken: cancellationToken));
        var isOther = !updated.Fingerprints.Equals(existing.Fingerprints) || updated.IsLeased != existing.IsLeased;
        return new Changed<SeatTaken>(new SeatTaken(updated, IsNew: false))
        {
            Stale = isOther ? [ActivationViews.Changed(placement.TenantId, existing.Id)] : [],
            Event = isOther
                ? (audit with { Action = "activation.updated" }).About("activation", existing.Id).Changed(existing.Show(now), updated.Show(now), LicensingJson.Default.ShownActivation)
                : null,
            AlsoHappened = isBack ? [.. seats.Events(audit, instead: null, existing.Id, now)] : [],
        };
    }

    private static async Task<Changed<SeatTaken>> TakeAsync(
        DbTransaction transaction,
        TenantPlacement placement,
        LockedSeats seats,
        ActivationRequest asked,
        Fingerprints machine,
        AuditEvent audit,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var (instead, isKnown) = await InsteadAsync(transaction, seats, asked.TakeOver, cancellationToken);
        if (!isKnown)
        {
            return ApiErrors.ActivationNotFound;
        }

        var (tooOften, freed) = await SeatSwaps.JudgeAsync(transaction, seats, asked.ToInstanceId(), instead, now, cancellationToken);
        if (tooOften is not null)
        {
            return tooOften;
        }

        if (await seats.MakeRoomAsync(transaction, instead, keep: null, now, cancellationToken) is { } full)
        {
            return full;
        }

        await SeatSwaps.NoteAsync(transaction, seats, asked.ToInstanceId(), freed, now, cancellationToken);
        await SeatEnds.EndAsync(transaction, instead is null ? [] : [instead], ActivationStatus.TakenOver, now, cancellationToken);
        var row = new ActivationRow
        {
            Id = Guid.CreateVersion7(now),
            LicenseId = seats.LicenseId,
            InstanceId = asked.ToInstanceId(),
            DeviceFingerprint = asked.DeviceFingerprint,
            Status = ActivationStatus.Active,
            Metadata = asked.Metadata.Text,
            ActivatedAt = now,
            CreatedAt = now,
            LeaseExpiresAt = IsLeased(seats.Terms, asked.Workload) ? seats.Terms.Policy.LeaseFrom(now, null) : null,
            Fingerprints = machine,
            Workload = asked.Workload,
        };
        await InsertAsync(transaction, row, cancellationToken);
        List<AuditEvent> also = [];
        List<Invalidation> stale = [];
        if (instead is not null)
        {
            also.Add(SeatEnds.Event(audit, instead, ActivationStatus.TakenOver, now));
            stale.AddRange([ActivationViews.Changed(placement.TenantId, instead.Id), Revocations.Changed(placement.TenantId)]);
        }

        also.AddRange(seats.Events(audit, instead, keep: null, now));
        if (await BeginAsync(transaction, seats, now, cancellationToken) is { } expiry)
        {
            stale.Add(LicenseViews.Changed(placement.TenantId, seats.LicenseKey));
            also.Add((audit with
            {
                Action = "license.first_activated",
                Before = """{"expires_at":null}""",
                After = $$"""{"expires_at":"{{expiry.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}"}""",
            }).About("license", seats.LicenseId));
        }

        return new Changed<SeatTaken>(new SeatTaken(row, IsNew: true))
        {
            Stale = stale,
            Event = audit.About("activation", row.Id).Made(row.Show(now), LicensingJson.Default.ShownActivation),
            AlsoHappened = also,
        };
    }

    /// <summary>The seat that is to be taken over; none, when it is free already.</summary>
    private static async Task<(ActivationRow? Instead, bool IsKnown)> InsteadAsync(
        DbTransaction transaction, LockedSeats seats, Guid? takeOver, CancellationToken cancellationToken)
    {
        if (takeOver is not { } id)
        {
            return (null, true);
        }

        var row = await transaction.Connection!.QuerySingleOrDefaultAsync<ActivationRow>(new CommandDefinition(
            $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id AND a.license_id = @LicenseId FOR UPDATE",
            new { id, seats.LicenseId },
            transaction,
            cancellationToken: cancellationToken));
        return (row?.Status == ActivationStatus.Active ? row : null, row is not null);
    }

    /// <summary>With the first activation begins the time of a license that counts from it; once, because the license is locked and activations stay.</summary>
    private static async Task<DateTimeOffset?> BeginAsync(DbTransaction transaction, LockedSeats seats, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (seats.WasActivated || seats.Terms.ExpiresAt is not null || seats.Terms.Policy.ExpiryFrom(Policy.FromFirstActivation, now) is not { } expiry)
        {
            return null;
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE license_keys SET expires_at = @expiry, updated_at = @now WHERE id = @LicenseId",
            new { expiry, now, seats.LicenseId },
            transaction,
            cancellationToken: cancellationToken));
        return expiry;
    }

    /// <summary>Whether a seat is held by heartbeats: those of floating licenses, and of what can go away without a word.</summary>
    private static bool IsLeased(LicenseTerms terms, Workload? workload) => terms.Type == LicenseType.Floating || workload is not null;

    private static Task<int> InsertAsync(DbTransaction transaction, ActivationRow row, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO activations
              (id, license_id, instance_id, device_fingerprint, status, active_marker, metadata, activated_at, created_at, lease_expires_at, fingerprints, workload)
            VALUES (@Id, @LicenseId, @InstanceId, @DeviceFingerprint, @Status, 1, @Metadata, @ActivatedAt, @CreatedAt, @LeaseExpiresAt, @fingerprints, @workload)
            """,
            new
            {
                row.Id,
                row.LicenseId,
                row.InstanceId,
                row.DeviceFingerprint,
                row.Status,
                row.Metadata,
                row.ActivatedAt,
                row.CreatedAt,
                row.LeaseExpiresAt,
                fingerprints = row.Fingerprints.ToText(),
                workload = row.Workload?.ToText(),
            },
            transaction,
            cancellationToken: cancellationToken));
}
