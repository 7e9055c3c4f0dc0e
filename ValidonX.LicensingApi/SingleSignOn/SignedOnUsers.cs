using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>A user whom a tenant's issuer vouches for, as stored.</summary>
internal sealed record AdmittedUser(Guid UserId, TenantRole Role, IReadOnlyCollection<Invalidation> Stale);

/// <summary>
/// Makes users of those who come with a good token of their tenant's issuer. Such a user is (tenant, issuer, subject) and nobody else: an account of its own, of that tenant
/// alone, whose address takes no mail. What the token says of an e-mail address finds no account, whoever's it is: a tenant could have its issuer say anything.
/// </summary>
internal sealed class SignedOnUsers(PlatformDatabase platform, StateChanges changes, AuditLog auditLog, TimeProvider time)
{
    /// <summary>The domain of their addresses (RFC 6761: there is none such), so that none is anybody's.</summary>
    public const string Domain = "sso.invalid";

    /// <summary>Most of one tenant: an issuer can invent people without end.</summary>
    private const int MostOfTenant = 10_000;

    private static readonly ApiError TooMany = ApiErrors.Forbidden with { Message = $"The tenant has {MostOfTenant} users of its single sign-on already." };

    /// <summary>Takes note of what a token says; who it is.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="claimed">What the gateway has read in the token.</param>
    /// <param name="audit">The request that brought it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Outcome<AdmittedUser>> AdmitAsync(Guid tenantId, ClaimedUser claimed, AuditEvent audit, CancellationToken cancellationToken)
    {
        var outcome = await platform.TransactAsync((transaction, token) => AdmitAsync(transaction, tenantId, claimed, audit, token), cancellationToken);
        if (outcome.Value is { } admitted)
        {
            await changes.AnnounceAsync(admitted.Stale);
        }

        return outcome;
    }

    /// <summary>The same in a transaction of the caller's, who then announces what is stale.</summary>
    public async Task<Outcome<AdmittedUser>> AdmitAsync(
        DbTransaction transaction, Guid tenantId, ClaimedUser claimed, AuditEvent audit, CancellationToken cancellationToken)
    {
        // The turn, the same as that of who changes the settings: two first requests of one person make one user, and settings that were changed meanwhile let nobody in.
        if (await TenantQueries.LockAsync(transaction, tenantId, cancellationToken) is not { } tenant)
        {
            return ApiErrors.Unauthenticated;
        }

        var settings = await transaction.Connection!.QuerySingleOrDefaultAsync<SignOnSettings?>(new CommandDefinition(
            $"SELECT {SignOnSettings.Columns} FROM tenant_sso WHERE tenant_id = @tenantId",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        if (settings is null || settings.Version != claimed.Version)
        {
            return ApiErrors.Unauthenticated;
        }

        var key = SubjectKey.Of(tenantId, settings.Issuer, claimed.Subject);
        var known = await transaction.Connection!.QuerySingleOrDefaultAsync<KnownUser?>(new CommandDefinition(
            """
            SELECT s.user_id, s.claims_at, m.role FROM sso_subjects s LEFT JOIN tenant_users m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
            WHERE s.subject_key = @key FOR UPDATE
            """,
            new { key = key.ToArray() },
            transaction,
            cancellationToken: cancellationToken));
        if (known is null)
        {
            // A seat of the plan, as an invitation takes one.
            return await MemberSeats.RefusalAsync(transaction, tenant, time.GetUtcNow(), cancellationToken) is { } full
                ? full
                : await CreateAsync(transaction, settings, key, claimed, audit, cancellationToken);
        }

        return known.Role is null
            ? ApiErrors.TenantNotFound
            : await UpdateAsync(transaction, settings, key, known, claimed, audit, cancellationToken);
    }

    private async Task<Outcome<AdmittedUser>> CreateAsync(
        DbTransaction transaction, SignOnSettings settings, SubjectKey key, ClaimedUser claimed, AuditEvent audit, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM sso_subjects WHERE tenant_id = @TenantId", settings, transaction, cancellationToken: cancellationToken)) >= MostOfTenant)
        {
            return TooMany;
        }

        var userId = Guid.CreateVersion7();
        var role = settings.AtMost(claimed.Role);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@userId, @address, @name, @now, @now);
            INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@TenantId, @userId, @role, @now);
            INSERT INTO sso_subjects (tenant_id, subject_key, user_id, subject, claimed_email, claims_at, created_at)
            VALUES (@TenantId, @key, @userId, @Subject, @Email, @IssuedAt, @now)
            """,
            new
            {
                userId,
                address = $"{userId:N}@{Domain}",
                name = claimed.Name ?? claimed.Email ?? claimed.Subject[..Math.Min(claimed.Subject.Length, ClaimedUser.MaximumNameLength)],
                now = time.GetUtcNow(),
                settings.TenantId,
                role = Text(role),
                key = key.ToArray(),
                claimed.Subject,
                claimed.Email,
                claimed.IssuedAt,
            },
            transaction,
            cancellationToken: cancellationToken));
        await auditLog.WriteAsync(transaction, About(audit, "sso.user_admitted", userId) with { After = $$"""{"role":"{{Text(role)}}"}""" }, cancellationToken);
        return new AdmittedUser(userId, role, StaleOf(key, userId));
    }

    /// <summary>The role, where the tenant leaves it to the issuer, and a later token than the last one says another. An owner was made one here, and stays one.</summary>
    private async Task<Outcome<AdmittedUser>> UpdateAsync(
        DbTransaction transaction,
        SignOnSettings settings,
        SubjectKey key,
        KnownUser known,
        ClaimedUser claimed,
        AuditEvent audit,
        CancellationToken cancellationToken)
    {
        var (stored, told) = (Enum.Parse<TenantRole>(known.Role!, ignoreCase: true), settings.AtMost(claimed.Role));
        if (settings.RoleClaim is null || stored == told || stored == TenantRole.Owner || claimed.IssuedAt <= known.ClaimsAt)
        {
            return new AdmittedUser(known.UserId, settings.AtMost(stored), StaleOf(key, known.UserId));
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE sso_subjects SET claims_at = @IssuedAt, claimed_email = @Email WHERE subject_key = @key;
            UPDATE tenant_users SET role = @role WHERE tenant_id = @TenantId AND user_id = @UserId
            """,
            new { claimed.IssuedAt, claimed.Email, key = key.ToArray(), role = Text(told), settings.TenantId, known.UserId },
            transaction,
            cancellationToken: cancellationToken));
        await auditLog.WriteAsync(
            transaction,
            About(audit, "sso.role_changed", known.UserId) with { Before = $$"""{"role":"{{Text(stored)}}"}""", After = $$"""{"role":"{{Text(told)}}"}""" },
            cancellationToken);
        return new AdmittedUser(known.UserId, told, StaleOf(key, known.UserId));
    }

    private static AuditEvent About(AuditEvent audit, string action, Guid userId) =>
        (audit with { Action = action, ActorType = "user", ActorId = userId.ToString() }).About("user", userId);

    private static Invalidation[] StaleOf(SubjectKey key, Guid userId) => [CacheKeys.Subject(key), CacheKeys.Memberships(userId)];

    private static string Text(TenantRole role) => role.ToString().ToLowerInvariant();

    private sealed record KnownUser
    {
        public Guid UserId { get; init; }

        public long ClaimsAt { get; init; }

        public string? Role { get; init; }
    }
}
