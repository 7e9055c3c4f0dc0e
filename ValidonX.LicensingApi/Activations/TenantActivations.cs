using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations as their vendor sees them.</summary>
internal sealed class TenantActivations(TenantDatabases databases, TimeProvider time)
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
              AND (@Status IS NULL OR (CASE WHEN a.active_marker = 1 AND a.lease_expires_at <= @now THEN 'expired' ELSE a.status END) = @Status)
              AND (@Before IS NULL OR a.id < @Before)
            ORDER BY a.id DESC LIMIT @take
            """,
            new { now = time.GetUtcNow(), filter.LicenseId, filter.Status, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }
}
