using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>
/// Changes a licence's state. When it returns, every replica answers accordingly. A change to the state that the licence is in
/// already succeeds and changes nothing; a revoked licence stays revoked.
/// </summary>
internal sealed class ChangeLicense(TenantDatabases databases, PlatformDatabase platform, AuditLog auditLog, ICoherence coherence, TimeProvider time)
{
    /// <summary>Puts it on hold.</summary>
    public Task<Outcome<LicenseDetails>> SuspendAsync(TenantPlacement placement, Guid id, AuditEvent audit, CancellationToken cancellationToken) =>
        ExecuteAsync(placement, id, LicenseStatus.Suspended, null, audit, cancellationToken);

    /// <summary>Puts it back into force.</summary>
    public Task<Outcome<LicenseDetails>> ReinstateAsync(TenantPlacement placement, Guid id, AuditEvent audit, CancellationToken cancellationToken) =>
        ExecuteAsync(placement, id, LicenseStatus.Active, null, audit, cancellationToken);

    /// <summary>Ends it for good.</summary>
    public Task<Outcome<LicenseDetails>> RevokeAsync(TenantPlacement placement, Guid id, AuditEvent audit, CancellationToken cancellationToken) =>
        ExecuteAsync(placement, id, LicenseStatus.Revoked, null, audit, cancellationToken);

    /// <summary>Gives it another expiry.</summary>
    public Task<Outcome<LicenseDetails>> RenewAsync(
        TenantPlacement placement, Guid id, DateTimeOffset expiresAt, AuditEvent audit, CancellationToken cancellationToken) =>
        ExecuteAsync(placement, id, null, expiresAt, audit, cancellationToken);

    private async Task<Outcome<LicenseDetails>> ExecuteAsync(
        TenantPlacement placement, Guid id, string? status, DateTimeOffset? expiresAt, AuditEvent audit, CancellationToken cancellationToken)
    {
        Outcome<Changed> changed;
        LicenseDetails? details;
        await using (var scope = await databases.OpenAsync(placement, cancellationToken))
        {
            changed = await scope.TransactAsync((transaction, token) => UpdateAsync(transaction, id, status, expiresAt, token), cancellationToken);
            details = await LicenseQueries.FindAsync(scope.Connection, id, time.GetUtcNow(), CancellationToken.None);
        }

        if (changed.Value is not { } change)
        {
            return changed.Refusal!;
        }

        // Also when nothing changed: an earlier call may have died between its commit and this line.
        await coherence.InvalidateAsync([LicenseViews.Changed(placement.TenantId, change.Key)], CancellationToken.None);
        if (change.IsNew)
        {
            await platform.TransactAsync(
                (transaction, token) => auditLog.WriteAsync(transaction, audit with { SubjectType = "license", SubjectId = id.ToString() }, token),
                CancellationToken.None);
        }

        return details!;
    }

    private async Task<Outcome<Changed>> UpdateAsync(
        DbTransaction transaction, Guid id, string? status, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        var row = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT license_key, status FROM license_keys WHERE id = @id FOR UPDATE",
            new { id },
            transaction,
            cancellationToken: cancellationToken));
        if (row is null)
        {
            return ApiErrors.LicenseNotFound;
        }

        if (row.Status == status)
        {
            return new Changed(row.LicenseKey, IsNew: false);
        }

        if (row.Status == LicenseStatus.Revoked)
        {
            return ApiErrors.Conflict("The license has been revoked for good.");
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE license_keys SET status = COALESCE(@status, status), expires_at = COALESCE(@expiresAt, expires_at), updated_at = @now WHERE id = @id",
            new { status, expiresAt, now = time.GetUtcNow(), id },
            transaction,
            cancellationToken: cancellationToken));
        return new Changed(row.LicenseKey, IsNew: true);
    }

    private sealed record Changed(string Key, bool IsNew);

    private sealed class Row
    {
        public string LicenseKey { get; init; } = "";

        public string Status { get; init; } = "";
    }
}
