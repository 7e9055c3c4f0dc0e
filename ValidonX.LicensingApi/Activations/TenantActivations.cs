using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Limits;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations as their vendor sees them.</summary>
internal sealed class TenantActivations(TenantDatabases databases, PlatformDatabase platform, AuditLog auditLog, ICoherence coherence, TimeProvider time)
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
        TenantPlacement placement, Guid? licenseId, string? status, PageRequest page, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<ActivationRow>(new CommandDefinition(
            $"""
            SELECT {ActivationRow.Columns} FROM activations a
            WHERE (@licenseId IS NULL OR a.license_id = @licenseId)
              AND (@status IS NULL OR a.status = @status)
              AND (@Before IS NULL OR a.id < @Before)
            ORDER BY a.id DESC LIMIT @take
            """,
            new { licenseId, status, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>Frees the seat; the row stays. When it returns, every replica answers accordingly. Revoking again changes nothing.</summary>
    public async Task<Outcome<ActivationRow>> RevokeAsync(TenantPlacement placement, Guid id, AuditEvent audit, CancellationToken cancellationToken)
    {
        (ActivationRow Row, bool IsNew)? revoked;
        await using (var scope = await databases.OpenAsync(placement, cancellationToken))
        {
            revoked = await scope.TransactAsync((transaction, token) => RevokeAsync(transaction, id, token), cancellationToken);
        }

        if (revoked is not var (row, isNew))
        {
            return ApiErrors.ActivationNotFound;
        }

        await coherence.InvalidateAsync([ActivationViews.Changed(placement.TenantId, id)], CancellationToken.None);
        if (isNew)
        {
            await platform.TransactAsync(
                (transaction, token) => auditLog.WriteAsync(transaction, audit with { SubjectType = "activation", SubjectId = id.ToString() }, token),
                CancellationToken.None);
        }

        return row;
    }

    private async Task<(ActivationRow Row, bool IsNew)?> RevokeAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var row = await connection.QuerySingleOrDefaultAsync<ActivationRow>(new CommandDefinition(
            $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id FOR UPDATE",
            new { id },
            transaction,
            cancellationToken: cancellationToken));
        if (row is null)
        {
            return null;
        }

        if (row.Status == ActivationStatus.Revoked)
        {
            return (row, false);
        }

        var now = time.GetUtcNow();
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE activations SET status = 'revoked', active_marker = NULL, revoked_at = @now WHERE id = @id",
            new { id, now },
            transaction,
            cancellationToken: cancellationToken));
        if (await PlanLimit.Activations.ReadAsync(transaction, cancellationToken) is not null)
        {
            await PlanLimit.Activations.RecountAsync(transaction, now, cancellationToken);
        }

        return (row with { Status = ActivationStatus.Revoked, RevokedAt = now }, true);
    }
}
