using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Offline;

/// <summary>License files: made, listed, taken back.</summary>
internal sealed class LicenseFiles(TenantDatabases databases, StateChanges changes, SigningKeys keys, IOptions<OfflineOptions> options, TimeProvider time)
{
    private const string Columns = "id, license_id, instance_id, encrypted, expires_at, created_at, revoked_at";

    /// <summary>Makes one.</summary>
    public Task<IResult> CreateAsync(TenantPlacement placement, Guid licenseId, NewLicenseFile file, ChangeRequest<CreatedLicenseFile> request) =>
        changes.InTenantAsync<CreatedLicenseFile>(placement, request, async (transaction, token) =>
        {
            var now = time.GetUtcNow();
            var (license, entitlements, seat) = await ReadAsync(transaction, licenseId, file.InstanceId, now, token);
            if (license is null)
            {
                return ApiErrors.LicenseNotFound;
            }

            if (license.StateAt(now) is var state && !LicenseView.IsValid(state))
            {
                return state == LicenseState.Revoked ? ApiErrors.LicenseRevoked : ApiErrors.ActivationInvalid;
            }

            if (OfflineTerms.Refusal(license, file.InstanceId) is { } none)
            {
                return none;
            }

            if (file.InstanceId is not null && seat is null)
            {
                return ApiErrors.ValidationFailed("instance_id", "The instance has no seat of this license: activate it first.");
            }

            var claims = new Claims
            {
                Issuer = options.Value.Issuer,
                TenantId = placement.TenantId,
                LicenseId = licenseId,
                Terms = license,
                Entitlements = Entitlement.ToFlatObject(entitlements),
                IssuedAt = now,
                Lifetime = OfflineTerms.OfFile(license.Policy, file.Days),
                Grace = TimeSpan.Zero,
                Until = seat?.LeaseExpiresAt,
                Id = Guid.CreateVersion7(now),
                InstanceId = file.InstanceId,
            };
            var key = await keys.LockAsync(placement.TenantId, transaction, claims.ExpiresAt, token);
            var shown = await InsertAsync(transaction, key, claims, file, token);
            var content = Jws.Sign(key, Jws.LicenseFile, claims.Write);
            content = file.Encrypt ? Jwe.Encrypt(Jwe.KeyOf(license.LicenseKey, licenseId), content, Jws.LicenseFile) : content;
            return new Changed<CreatedLicenseFile>(new CreatedLicenseFile(shown.Id, CreatedLicenseFile.TextOf(content), shown.ExpiresAt))
            {
                Event = request.Audit.About("license_file", shown.Id).Made(shown, LicensingJson.Default.ShownLicenseFile),
            };
        });

    /// <summary>Those of a license, newest first; <see langword="null"/> when there is no such license.</summary>
    public async Task<(IReadOnlyList<ShownLicenseFile> Items, string? NextCursor)?> ListAsync(
        TenantPlacement placement, Guid licenseId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        await using var rows = await scope.Connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT EXISTS (SELECT 1 FROM license_keys WHERE id = @licenseId);
            SELECT {Columns} FROM license_files WHERE license_id = @licenseId AND (@Before IS NULL OR id < @Before) ORDER BY id DESC LIMIT @take
            """,
            new { licenseId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken));
        var exists = await rows.ReadSingleAsync<bool>();
        var files = (await rows.ReadAsync<Row>()).Select(row => row.Show()).ToList();
        return exists ? page.Cut(files, file => file.Id) : null;
    }

    /// <summary>Takes one back: it is on the list of revocations until it would have ended. Revoking again changes nothing.</summary>
    public Task<IResult> RevokeAsync(TenantPlacement placement, Guid licenseId, Guid id, ChangeRequest<ShownLicenseFile> request) =>
        changes.InTenantAsync<ShownLicenseFile>(placement, request, async (transaction, token) =>
        {
            var row = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                $"SELECT {Columns} FROM license_files WHERE id = @id AND license_id = @licenseId FOR UPDATE",
                new { id, licenseId },
                transaction,
                cancellationToken: token));
            if (row is null)
            {
                return ApiErrors.ResourceNotFound;
            }

            IReadOnlyCollection<Invalidation> stale = [Revocations.Changed(placement.TenantId)];
            if (row.RevokedAt is not null)
            {
                return new Changed<ShownLicenseFile>(row.Show()) { Stale = stale };
            }

            var revoked = row with { RevokedAt = time.GetUtcNow() };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE license_files SET revoked_at = @RevokedAt WHERE id = @Id", new { revoked.Id, revoked.RevokedAt }, transaction, cancellationToken: token));
            return new Changed<ShownLicenseFile>(revoked.Show())
            {
                Stale = stale,
                Event = request.Audit.About("license_file", id).Changed(row.Show(), revoked.Show(), LicensingJson.Default.ShownLicenseFile),
            };
        });

    private static async Task<(License? License, IReadOnlyList<Entitlement> Entitlements, HeldSeat? Seat)> ReadAsync(
        DbTransaction transaction, Guid licenseId, string? instanceId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The lock keeps a revocation, of the license or of the seat, behind the file, so that it is on the list of what was revoked after it.
        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT license_key, {LicenseTerms.Columns} FROM license_keys WHERE id = @licenseId LOCK IN SHARE MODE;
            SELECT {Entitlement.Columns} FROM entitlements WHERE license_id = @licenseId;
            SELECT {HeldSeat.Columns} FROM activations WHERE {HeldSeat.Condition} LOCK IN SHARE MODE
            """,
            new { licenseId, instanceId, now },
            transaction,
            cancellationToken: cancellationToken));
        return (
            await rows.ReadSingleOrDefaultAsync<License>(),
            (await rows.ReadAsync<Entitlement>()).AsList(),
            await rows.ReadSingleOrDefaultAsync<HeldSeat>());
    }

    private static async Task<ShownLicenseFile> InsertAsync(DbTransaction transaction, SigningKey key, Claims claims, NewLicenseFile file, CancellationToken cancellationToken)
    {
        var row = new Row
        {
            Id = claims.Id,
            LicenseId = claims.LicenseId,
            InstanceId = file.InstanceId,
            Encrypted = file.Encrypt,
            ExpiresAt = claims.ExpiresAt,
            CreatedAt = claims.IssuedAt,
        };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO license_files (id, license_id, key_id, instance_id, encrypted, expires_at, created_at)
            VALUES (@Id, @LicenseId, @keyId, @InstanceId, @Encrypted, @ExpiresAt, @CreatedAt)
            """,
            new { row.Id, row.LicenseId, keyId = key.Id, row.InstanceId, row.Encrypted, row.ExpiresAt, row.CreatedAt },
            transaction,
            cancellationToken: cancellationToken));
        return row.Show();
    }

    private sealed record License : LicenseTerms
    {
        public string LicenseKey { get; init; } = "";
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public Guid LicenseId { get; init; }

        public string? InstanceId { get; init; }

        public bool Encrypted { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public ShownLicenseFile Show() => new(Id, LicenseId, InstanceId, Encrypted, ExpiresAt, CreatedAt, RevokedAt);
    }
}
