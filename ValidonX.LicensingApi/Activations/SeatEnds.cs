using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Limits;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Activations;

/// <summary>How seats are given up, whoever does it: in one way, so that each end is written down once and told once.</summary>
internal static class SeatEnds
{
    /// <summary>Ends activations that are marked active and whose rows are locked.</summary>
    /// <param name="transaction">Which holds the locks.</param>
    /// <param name="seats">Which.</param>
    /// <param name="status">How.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task EndAsync(DbTransaction transaction, IReadOnlyCollection<ActivationRow> seats, string status, DateTimeOffset now, CancellationToken cancellationToken) =>
        seats.Count == 0
            ? Task.CompletedTask
            : transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                UPDATE activations
                SET status = @status, active_marker = NULL, revoked_at = @now,
                  freed_marker = IF(@status = 'released' AND lease_expires_at IS NULL, 1, NULL),
                  swapped_at = IF(@status = 'taken_over', @now, swapped_at)
                WHERE id IN @ids
                """,
                new { status, now, ids = seats.Select(seat => seat.Id.ToString()) },
                transaction,
                cancellationToken: cancellationToken));

    /// <summary>Frees all seats of a license whose row is locked; those that were taken.</summary>
    public static async Task<IReadOnlyList<ActivationRow>> OfLicenseAsync(DbTransaction transaction, Guid licenseId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var seats = (await transaction.Connection!.QueryAsync<ActivationRow>(new CommandDefinition(
            $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.license_id = @licenseId AND a.active_marker = 1 ORDER BY a.id FOR UPDATE",
            new { licenseId },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        await EndAsync(transaction, seats, ActivationStatus.Revoked, now, cancellationToken);
        await RecountAsync(transaction, now, cancellationToken);
        return seats;
    }

    /// <summary>Shows how many seats the tenant has taken, where its plan limits them.</summary>
    public static async Task RecountAsync(DbTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await PlanLimit.Activations.ReadAsync(transaction, cancellationToken) is not null)
        {
            await PlanLimit.Activations.RecountAsync(transaction, now, cancellationToken);
        }
    }

    /// <summary>What is told of it.</summary>
    public static AuditEvent Event(AuditEvent audit, ActivationRow seat, string status, DateTimeOffset now)
    {
        var after = seat with { Status = status, RevokedAt = now };
        // A lease that ran out was ended by nobody; who found out is not who did it.
        var actor = status == ActivationStatus.Expired ? audit with { ActorType = "system", ActorId = null } : audit;
        return (actor with { Action = "activation.revoked", Details = $$"""{"reason":"{{ActivationStatus.Reason(status)}}"}""" }).About("activation", seat.Id)
            .Changed((seat with { LeaseExpiresAt = null }).Show(now), (after with { LeaseExpiresAt = null }).Show(now), LicensingJson.Default.ShownActivation)
            .Showing("activation", (after with { LeaseExpiresAt = null }).Show(now), LicensingJson.Default.ShownActivation);
    }
}
