using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Limits;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The seat, and whether it was taken now or before.</summary>
internal sealed record SeatTaken(ActivationRow Activation, bool IsNew);

/// <summary>
/// Takes a seat. The license's row is locked from the look to the insert, so that however many instances ask at once, no more get a
/// seat than there are; an instance that has one gets the same again.
/// </summary>
internal sealed class ActivateInstance(StateChanges changes, TimeProvider time)
{
    /// <summary>Takes the seat, or says why not.</summary>
    public async Task<IResult> ExecuteAsync(TenantPlacement placement, ActivationRequest seat, ChangeRequest<SeatTaken> request) =>
        !LicenseKeyText.IsWellFormed(seat.LicenseKey)
            ? ApiResult.Error(ApiErrors.LicenseNotFound)
            : await changes.InTenantAsync<SeatTaken>(placement, request, async (transaction, token) =>
            {
                var outcome = await TakeSeatAsync(transaction, seat, token);
                return new Changed<SeatTaken>(outcome) { Event = outcome.Value is { IsNew: true, Activation: var taken } ? Taken(request.Audit, taken) : null };
            });

    private static AuditEvent Taken(AuditEvent audit, ActivationRow activation) =>
        audit.About("activation", activation.Id).Made(activation.Show(), LicensingJson.Default.ShownActivation);

    private async Task<Outcome<SeatTaken>> TakeSeatAsync(DbTransaction transaction, ActivationRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (license, existing, seatsTaken, limits) = await LockAsync(transaction, request, cancellationToken);
        if (license is null)
        {
            return ApiErrors.LicenseNotFound;
        }

        switch (license.StateAt(now))
        {
            case LicenseState.Revoked:
                return ApiErrors.LicenseRevoked;
            case LicenseState.Expired or LicenseState.Suspended:
                return ApiErrors.ActivationInvalid;
        }

        if (existing is not null)
        {
            return new SeatTaken(existing, IsNew: false);
        }

        if (limits.Seats is { } seats && seatsTaken >= seats)
        {
            return ApiErrors.ActivationLimitExceeded(seatsTaken, seats);
        }

        if (limits.Total is { } total
            && await PlanLimit.Activations.TakeAsync(transaction, total, now, cancellationToken) is (var current, false))
        {
            return ApiErrors.ActivationLimitExceeded(current, total);
        }

        return await InsertAsync(transaction, license.Id, request, now, cancellationToken);
    }

    /// <summary>One round trip: under READ COMMITTED each statement after the lock sees what was committed before the lock was had.</summary>
    private static async Task<(LicenseRow? License, ActivationRow? Existing, long SeatsTaken, Limits Limits)> LockAsync(
        DbTransaction transaction, ActivationRequest request, CancellationToken cancellationToken)
    {
        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT id, {LicenseTerms.Columns} FROM license_keys WHERE license_key = @LicenseKey FOR UPDATE;
            SELECT {ActivationRow.Columns}
            FROM license_keys l JOIN activations a ON a.license_id = l.id
            WHERE l.license_key = @LicenseKey AND a.instance_id = @InstanceId AND a.active_marker = 1;
            SELECT COUNT(*) FROM license_keys l JOIN activations a ON a.license_id = l.id WHERE l.license_key = @LicenseKey AND a.active_marker = 1;
            SELECT e.license_id, e.code, e.kind, e.value
            FROM license_keys l JOIN entitlements e ON e.license_id IN ('', l.id) AND e.code IN (@perLicense, @total)
            WHERE l.license_key = @LicenseKey
            """,
            new { request.LicenseKey, request.InstanceId, perLicense = EntitlementCodes.ActivationsPerLicense, total = EntitlementCodes.ActivationsTotal },
            transaction,
            cancellationToken: cancellationToken));
        return (
            await rows.ReadSingleOrDefaultAsync<LicenseRow>(),
            await rows.ReadSingleOrDefaultAsync<ActivationRow>(),
            await rows.ReadSingleAsync<long>(),
            Limits.Of((await rows.ReadAsync<LimitRow>()).AsList()));
    }

    private static async Task<Outcome<SeatTaken>> InsertAsync(
        DbTransaction transaction, Guid licenseId, ActivationRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = new ActivationRow
        {
            Id = Guid.CreateVersion7(now),
            LicenseId = licenseId,
            InstanceId = request.InstanceId,
            DeviceFingerprint = request.DeviceFingerprint,
            Status = ActivationStatus.Active,
            Metadata = request.Metadata.Text,
            ActivatedAt = now,
            CreatedAt = now,
        };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO activations
              (id, license_id, instance_id, device_fingerprint, status, active_marker, metadata, activated_at, created_at)
            VALUES (@Id, @LicenseId, @InstanceId, @DeviceFingerprint, @Status, 1, @Metadata, @ActivatedAt, @CreatedAt)
            """,
            new { row.Id, row.LicenseId, row.InstanceId, row.DeviceFingerprint, row.Status, row.Metadata, row.ActivatedAt, row.CreatedAt },
            transaction,
            cancellationToken: cancellationToken));
        return new SeatTaken(row, IsNew: true);
    }

    private sealed record LicenseRow : LicenseTerms
    {
        public Guid Id { get; init; }
    }

    private sealed class LimitRow
    {
        public string LicenseId { get; init; } = "";

        public string Code { get; init; } = "";

        public string Kind { get; init; } = "";

        public string? Value { get; init; }
    }

    /// <summary>Seats of the license, its own number or the plan's, and of the tenant altogether; <see langword="null"/> is unlimited.</summary>
    private readonly record struct Limits(long? Seats, long? Total)
    {
        public static Limits Of(IReadOnlyList<LimitRow> rows)
        {
            var own = rows.FirstOrDefault(row => row.LicenseId.Length > 0 && row.Code == EntitlementCodes.ActivationsPerLicense && row.Kind == EntitlementKind.Number);
            return new Limits(
                own is not null ? Whole(own.Value!) : PlanLimit.Parse(Tenant(rows, EntitlementCodes.ActivationsPerLicense)),
                PlanLimit.Parse(Tenant(rows, EntitlementCodes.ActivationsTotal)));
        }

        private static string? Tenant(IReadOnlyList<LimitRow> rows, string code) =>
            rows.FirstOrDefault(row => row.LicenseId.Length == 0 && row.Code == code)?.Value;

        // A license's number is any JSON number that its vendor wrote.
        private static long Whole(string value) => (long)Math.Max(0, decimal.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}
