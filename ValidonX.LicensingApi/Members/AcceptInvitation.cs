using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Members;

/// <summary>
/// Accepts invitations. Who has no account opens one by the mailed token, which proves the address. Who has one signs in: a mail alone opens no account that has a password,
/// and a second factor, of its own. Of any number who accept one invitation at once one joins.
/// </summary>
internal sealed class AcceptInvitation(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    MailedTokenStore tokens,
    UserSessions sessions,
    AuditLog auditLog,
    CountedAudit counted,
    TimeProvider time)
{
    private const string BadToken = "bad_token";
    private const string SubjectType = "member";

    /// <summary>409: sign in instead.</summary>
    public static ApiError HasAccount { get; } = ApiErrors.Conflict("The address has an account: sign in, and accept the invitation there.");

    /// <summary>Opens an account by a mailed token and joins the tenant with it.</summary>
    /// <param name="acceptance">The token, and what the account is to be.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="request">The request.</param>
    public async Task<IResult> OpenAsync(InvitationAcceptance acceptance, string network, ChangeRequest<UserLoginAnswer> request)
    {
        // A stranger's guess costs no hash.
        if (await tokens.FindAsync(acceptance.Token, MailedTokenPurposes.Invite, request.Aborted) is not { } id || await FindAsync(id, request.Aborted) is not { } known)
        {
            return Refuse();
        }

        if (known.HasAccount)
        {
            return ApiResult.Error(HasAccount);
        }

        if (EmailAddress.TryParse(known.Email, out var address) && Passwords.ProblemOf(acceptance.Password, address) is { } problem)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("password", problem));
        }

        var hash = await passwords.HashAsync(acceptance.Password, request.Aborted);
        var isJoined = false;
        try
        {
            var result = await changes.InPlatformAsync<UserLoginAnswer>(request, async (transaction, token) =>
            {
                isJoined = false;
                if (await tokens.TakeAsync(transaction, acceptance.Token, MailedTokenPurposes.Invite, token) != id || await LockAsync(transaction, id, email: null, token) is not { } invitation)
                {
                    return ApiErrors.LinkInvalid;
                }

                isJoined = true;
                return await OpenAsync(transaction, invitation, acceptance.Name, hash, request, token);
            });
            return isJoined ? result : Refuse();
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            // The address got an account at this very moment.
            return ApiResult.Error(HasAccount);
        }

        IResult Refuse()
        {
            counted.Note(request.Audit with { Action = "invitation.acceptance_failed" }, BadToken, network);
            return ApiResult.Error(ApiErrors.LinkInvalid);
        }
    }

    /// <summary>Joins a user who is signed in, by the user's own proved address.</summary>
    public Task<IResult> JoinAsync(Guid userId, Guid? with, Guid id, ChangeRequest<ShownMembership> request) =>
        changes.InPlatformAsync<ShownMembership>(request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            if (await AccountLock.TakeAsync(transaction, AccountOwner.User(userId), with, token) is null || await User.FindAsync(connection, transaction, userId, token) is not { } user)
            {
                return ApiErrors.Unauthenticated;
            }

            if (user.EmailVerifiedAt is null)
            {
                return ApiErrors.EmailNotVerified;
            }

            if (await LockAsync(transaction, id, user.Email, token) is not { } invitation)
            {
                // Accepting again changes nothing and is announced again: the first call may have died before it could.
                return await JoinedAsync(transaction, id, userId, token) is { } joined
                    ? new Changed<ShownMembership>(joined) { Stale = [CacheKeys.Memberships(userId)] }
                    : ApiErrors.ResourceNotFound;
            }

            await JoinAsync(transaction, invitation, userId, token);
            return new Changed<ShownMembership>((await Memberships.FindAsync(connection, transaction, userId, invitation.TenantId, token))!)
            {
                Stale = [CacheKeys.Memberships(userId)],
                Event = Joined(request.Audit, invitation),
            };
        });

    /// <summary>Declines one.</summary>
    public Task<IResult> DeclineAsync(Guid userId, Guid? with, Guid id, ChangeRequest<Nothing> request) =>
        changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            if (await AccountLock.TakeAsync(transaction, AccountOwner.User(userId), with, token) is null || await User.FindAsync(transaction.Connection!, transaction, userId, token) is not { } user)
            {
                return ApiErrors.Unauthenticated;
            }

            if (user.EmailVerifiedAt is null || await LockAsync(transaction, id, user.Email, token) is not { } invitation)
            {
                return ApiErrors.ResourceNotFound;
            }

            await CloseAsync(transaction, invitation, token);
            return new Changed<Nothing>(Nothing.Value)
            {
                Event = (request.Audit with { TenantId = invitation.TenantId }).About(SubjectType, id)
                    .Unmade(new MemberState(MemberStatus.Invited, invitation.Role), LicensingJson.Default.MemberState),
            };
        });

    private static async Task<ShownMembership?> JoinedAsync(DbTransaction transaction, Guid id, Guid userId, CancellationToken cancellationToken) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT tenant_id FROM tenant_users WHERE user_id = @userId AND id = @id", new { userId, id }, transaction, cancellationToken: cancellationToken)) is { } tenantId
                ? await Memberships.FindAsync(transaction.Connection!, transaction, userId, tenantId, cancellationToken)
                : null;

    private static AuditEvent Joined(AuditEvent audit, Invitation invitation) =>
        (audit with { TenantId = invitation.TenantId }).About(SubjectType, invitation.Id).Changed(
            new MemberState(MemberStatus.Invited, invitation.Role), new MemberState(MemberStatus.Active, invitation.Role), LicensingJson.Default.MemberState);

    private async Task<Changed<UserLoginAnswer>> OpenAsync(
        DbTransaction transaction, Invitation invitation, string name, string hash, ChangeRequest<UserLoginAnswer> request, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var now = time.GetUtcNow();
        var userId = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO users (id, email, name, password_hash, email_verified_at, created_at, updated_at) VALUES (@userId, @Email, @name, @hash, @now, @now, @now);
            DELETE FROM registrations WHERE email = @Email
            """,
            new { userId, invitation.Email, name, hash, now },
            transaction,
            cancellationToken: cancellationToken));
        await JoinAsync(transaction, invitation, userId, cancellationToken);
        var user = await User.FindAsync(connection, transaction, userId, cancellationToken);
        var (session, stale) = await sessions.BeginAsync(transaction, userId, cancellationToken);
        var audit = request.Audit with { ActorType = "user", ActorId = userId.ToString() };
        await auditLog.WriteAsync(transaction, (audit with { Action = "user.registered" }).About("user", userId).Made(new AccountState(IsOpen: true), LicensingJson.Default.AccountState), cancellationToken);
        return new Changed<UserLoginAnswer>(
            new UserLoginAnswer(session.Reveal(), user!.Show(), await Memberships.AllAsync(connection, transaction, userId, cancellationToken)))
        {
            Stale = [.. stale, CacheKeys.Memberships(userId)],
            Event = Joined(audit, invitation),
        };
    }

    private async Task JoinAsync(DbTransaction transaction, Invitation invitation, Guid userId, CancellationToken cancellationToken)
    {
        // Who was made a member by an operator meanwhile keeps that role.
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO tenant_users (tenant_id, user_id, id, role, created_at) VALUES (@TenantId, @userId, @Id, @Role, @now) ON DUPLICATE KEY UPDATE role = tenant_users.role",
            new { invitation.TenantId, userId, invitation.Id, invitation.Role, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        await CloseAsync(transaction, invitation, cancellationToken);
    }

    private async Task CloseAsync(DbTransaction transaction, Invitation invitation, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE invitations SET open_marker = NULL WHERE id = @Id", new { invitation.Id }, transaction, cancellationToken: cancellationToken));
        await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.Invite, invitation.Id, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>The invitation, if it can be accepted, locked together with its tenant: the turn of the tenant's members is taken.</summary>
    private Task<Invitation?> LockAsync(DbTransaction transaction, Guid id, string? email, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Invitation?>(new CommandDefinition(
            $"""
            SELECT i.id, i.tenant_id, i.email, i.role FROM invitations i JOIN tenants t ON t.id = i.tenant_id
            WHERE i.id = @id AND i.open_marker = 1 AND i.expires_at > @now AND t.status <> '{TenantStatus.Closed}' {(email is null ? "" : "AND i.email = @email")} FOR UPDATE
            """,
            new { id, email, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    private async Task<(string Email, bool HasAccount)?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<(string, bool)?>(new CommandDefinition(
            "SELECT i.email, EXISTS (SELECT 1 FROM users u WHERE u.email = i.email) FROM invitations i WHERE i.id = @id", new { id }, cancellationToken: cancellationToken));
    }

    private sealed record Invitation
    {
        public Guid Id { get; init; }

        public Guid TenantId { get; init; }

        public string Email { get; init; } = "";

        public string Role { get; init; } = "";
    }
}
