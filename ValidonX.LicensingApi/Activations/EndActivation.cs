using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Offline;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>
/// Frees a seat, whatever state the license is in; the row stays. When it returns, every replica answers accordingly. Doing it again changes nothing.
/// </summary>
internal sealed class EndActivation(StateChanges changes, TimeProvider time)
{
    /// <summary>Gives it back, at the wish of whoever holds it; one that is not held any more stays as it is.</summary>
    /// <param name="placement">The tenant.</param>
    /// <param name="id">The activation.</param>
    /// <param name="request">The change.</param>
    /// <param name="ofLicense">The license that it has to be of, for who may free seats of that one only.</param>
    public Task<IResult> ReleaseAsync(TenantPlacement placement, Guid id, ChangeRequest<ActivationRow> request, Guid? ofLicense = null) =>
        EndAsync(placement, id, ActivationStatus.Released, static stored => stored == ActivationStatus.Active, request, ofLicense);

    /// <summary>Takes it away, at the wish of its vendor; also one whose lease has ended, so that it does not come back.</summary>
    public Task<IResult> RevokeAsync(TenantPlacement placement, Guid id, ChangeRequest<ActivationRow> request) =>
        EndAsync(placement, id, ActivationStatus.Revoked, static stored => stored is ActivationStatus.Active or ActivationStatus.Expired, request, ofLicense: null);

    private Task<IResult> EndAsync(TenantPlacement placement, Guid id, string status, Func<string, bool> canEnd, ChangeRequest<ActivationRow> request, Guid? ofLicense) =>
        changes.InTenantAsync<ActivationRow>(placement, request, async (transaction, token) =>
        {
            var row = await transaction.Connection!.QuerySingleOrDefaultAsync<ActivationRow>(new CommandDefinition(
                $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id FOR UPDATE",
                new { id },
                transaction,
                cancellationToken: token));
            if (row is null || (ofLicense is not null && row.LicenseId != ofLicense))
            {
                return ApiErrors.ActivationNotFound;
            }

            IReadOnlyCollection<Invalidation> stale = [ActivationViews.Changed(placement.TenantId, id), Revocations.Changed(placement.TenantId)];
            if (!canEnd(row.Status))
            {
                return new Changed<ActivationRow>(row) { Stale = stale };
            }

            var now = time.GetUtcNow();
            await SeatEnds.EndAsync(transaction, [row], status, now, token);
            await SeatEnds.RecountAsync(transaction, now, token);
            return new Changed<ActivationRow>(row with { Status = status, RevokedAt = now })
            {
                Stale = stale,
                Event = SeatEnds.Event(request.Audit, row, status, now),
            };
        });
}
