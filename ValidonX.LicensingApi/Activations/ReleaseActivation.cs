using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Offline;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Gives a seat back, at the wish of whoever holds it. Whatever state the license is in: to let go is always allowed.</summary>
internal sealed class ReleaseActivation(StateChanges changes, TimeProvider time)
{
    /// <summary>Gives it back; one that is not held any more stays as it is.</summary>
    public Task<IResult> ExecuteAsync(TenantPlacement placement, Guid id, ChangeRequest<ActivationRow> request) =>
        changes.InTenantAsync<ActivationRow>(placement, request, async (transaction, token) =>
        {
            var row = await transaction.Connection!.QuerySingleOrDefaultAsync<ActivationRow>(new CommandDefinition(
                $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id FOR UPDATE",
                new { id },
                transaction,
                cancellationToken: token));
            if (row is null)
            {
                return ApiErrors.ActivationNotFound;
            }

            IReadOnlyCollection<Invalidation> stale = [ActivationViews.Changed(placement.TenantId, id), Revocations.Changed(placement.TenantId)];
            if (row.Status != ActivationStatus.Active)
            {
                return new Changed<ActivationRow>(row) { Stale = stale };
            }

            var now = time.GetUtcNow();
            await SeatEnds.EndAsync(transaction, [row], ActivationStatus.Released, now, token);
            await SeatEnds.RecountAsync(transaction, now, token);
            return new Changed<ActivationRow>(row with { Status = ActivationStatus.Released, RevokedAt = now })
            {
                Stale = stale,
                Event = SeatEnds.Event(request.Audit, row, ActivationStatus.Released, now),
            };
        });
}
