using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Limits;
using ValidonX.LicensingApi.Offline;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations as their vendor sees them.</summary>
internal sealed class TenantActivations(TenantDatabases databases, StateChanges changes, TimeProvider time)
{
    /// <summary>One activation, or <see langword="null"/>.</summary>
    public async Task<ActivationRow?> FindAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.Connection.QuerySingleOrDefaultAsync<ActivationRow>(new CommandDefinition(
            $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id",
            new { id },
            cancellationToken: cancellationToken));
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ActivationRow> Items, string? NextCursor)> ListAsync(
        TenantPlacement placement, ActivationFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<ActivationRow>(new CommandDefinition(
            $"""
            SELECT {ActivationRow.Columns} FROM activations a
            WHERE (@LicenseId IS NULL OR a.license_id = @LicenseId)
              AND (@Status IS NULL OR a.status = @Status)
              AND (@Before IS NULL OR a.id < @Before)
            ORDER BY a.id DESC LIMIT @take
            """,
            new { filter.LicenseId, filter.Status, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>Frees the seat; the row stays. When it returns, every replica answers accordingly. Revoking again changes nothing.</summary>
    public Task<IResult> RevokeAsync(TenantPlacement placement, Guid id, ChangeRequest<ActivationRow> request) =>
        changes.InTenantAsync<ActivationRow>(placement, request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            var row = await connection.QuerySingleOrDefaultAsync<ActivationRow>(new CommandDefinition(
                $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id FOR UPDATE",
                new { id },
                transaction,
                cancellationToken: token));
            if (row is null)
            {
                return ApiErrors.ActivationNotFound;
            }

            IReadOnlyCollection<Invalidation> stale = [ActivationViews.Changed(placement.TenantId, id), Revocations.Changed(placement.TenantId)];
            if (row.Status == ActivationStatus.Revoked)
            {
                return new Changed<ActivationRow>(row) { Stale = stale };
            }

            var now = time.GetUtcNow();
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE activations SET status = 'revoked', active_marker = NULL, revoked_at = @now WHERE id = @id",
                new { id, now },
                transaction,
                cancellationToken: token));
            if (await PlanLimit.Activations.ReadAsync(transaction, token) is not null)
            {
                await PlanLimit.Activations.RecountAsync(transaction, now, token);
            }

            var revoked = row with { Status = ActivationStatus.Revoked, RevokedAt = now };
            return new Changed<ActivationRow>(revoked)
            {
                Stale = stale,
                Event = request.Audit.About("activation", id)
                    .Changed(row.Show(), revoked.Show(), LicensingJson.Default.ShownActivation)
                    .Showing("activation", revoked.Show(), LicensingJson.Default.ShownActivation),
            };
        });
}
