using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Deletes a user with all that is the user's; what the audit log tells stays, under an id that names nobody any more. The last owner of a tenant that is not closed
/// has to hand it over or close it first: of two last owners who leave at once one is refused.
/// </summary>
internal sealed class DeleteAccount(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    SecondFactors factors,
    AccessTokens tokens,
    MailOutbox outbox,
    AuditLog auditLog,
    CountedAudit counted,
    IWakeup wakeup,
    TimeProvider time)
{
    private static readonly TimeSpan NoticeLife = TimeSpan.FromDays(2);

    private static readonly (string Table, string Condition)[] Rows =
    [
        ("recovery_codes", $"owner_type = '{TokenOwners.User}' AND owner_id = @Id"),
        ("two_factors", $"owner_type = '{TokenOwners.User}' AND owner_id = @Id"),
        ("passkeys", $"owner_type = '{TokenOwners.User}' AND owner_id = @Id"),
        ("mailed_tokens", "subject_id = @Id"),
        ("registrations", "email = @Email"),
        ("invitations", "email = @Email"),
        ("email_changes", "user_id = @Id"),
        ("former_members", "user_id = @Id"),
        ("outbox_mails", "recipient = @Email"),
        ("idempotency_keys", "tenant_id = @Id"),
        ("personal_access_tokens", $"owner_type = '{TokenOwners.User}' AND owner_id = @Id"),
        ("tenant_users", "user_id = @Id"),
        ("users", "id = @Id"),
    ];

    /// <summary>The refusal of a tenant's last owner.</summary>
    public static ApiError LastOwner { get; } = ApiErrors.Conflict("The user is the last owner of a tenant: make another member an owner, or close the tenant.");

    /// <summary>Deletes it, or says why not.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="proof">What proves that it is the user.</param>
    /// <param name="request">The call.</param>
    public async Task<IResult> ExecuteAsync(Caller caller, AccountDeletion proof, ChangeRequest<Nothing> request)
    {
        if (await FindAsync(caller.Id, request.Aborted) is not { } user || !EmailAddress.TryParse(user.Email, out var address))
        {
            return ApiResult.Error(ApiErrors.Unauthenticated);
        }

        if (!await passwords.VerifyAsync(user.PasswordHash, proof.Password, request.Aborted))
        {
            return Refuse(ApiErrors.VerificationFailed, SignInMetrics.WrongPassword);
        }

        ApiError? barred = null;
        var result = await changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            var locked = await AccountLock.TakeAsync(transaction, AccountOwner.User(user.Id), caller.Context.TokenId, token);
            barred = locked?.PasswordHash != user.PasswordHash ? ApiErrors.Unauthenticated : await factors.CheckAsync(transaction, AccountOwner.User(user.Id), proof.Otp, token);
            if (barred is not null)
            {
                return barred;
            }

            return await IsLastOwnerAsync(transaction, user.Id, token) ? LastOwner : await DeleteAsync(transaction, user, address, request, token);
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return barred is null ? result
            : Refuse(barred == ApiErrors.InvalidCredentials ? ApiErrors.CodeInvalid : barred, proof.Otp is null ? SignInMetrics.NoCode : SignInMetrics.WrongCode);

        IResult Refuse(ApiError error, string reason)
        {
            counted.Note(request.Audit with { Action = "user.deletion_failed" }, reason, caller.Network);
            return ApiResult.Error(error);
        }
    }

    /// <summary>Whether a tenant that is not closed would be without an owner. The owners of the user's tenants stay locked.</summary>
    internal static async Task<bool> IsLastOwnerAsync(DbTransaction transaction, Guid userId, CancellationToken cancellationToken)
    {
        // Locks the owners of each such tenant, in one order, so that they leave one after the other.
        var owners = await transaction.Connection!.QueryAsync<(Guid Tenant, Guid Owner)>(new CommandDefinition(
            $"""
            SELECT o.tenant_id, o.user_id FROM tenant_users o
            WHERE o.role = 'owner' AND o.tenant_id IN (
              SELECT m.tenant_id FROM tenant_users m JOIN tenants t ON t.id = m.tenant_id
              WHERE m.user_id = @userId AND m.role = 'owner' AND t.status <> '{TenantStatus.Closed}')
            ORDER BY o.tenant_id, o.user_id FOR UPDATE
            """,
            new { userId },
            transaction,
            cancellationToken: cancellationToken));
        return owners.GroupBy(one => one.Tenant).Any(tenant => tenant.All(one => one.Owner == userId));
    }

    private async Task<Changed<Nothing>> DeleteAsync(
        DbTransaction transaction, User user, EmailAddress address, ChangeRequest<Nothing> request, CancellationToken cancellationToken)
    {
        await TellTenantsAsync(transaction, user.Id, request.Audit, cancellationToken);
        await tokens.RevokeAllAsync(transaction, TokenOwners.User, user.Id, except: null, cancellationToken);
        var ended = await tokens.EndedAsync(transaction, TokenOwners.User, user.Id, cancellationToken);
        foreach (var (table, condition) in Rows)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"DELETE FROM {table} WHERE {condition}", new { user.Id, user.Email }, transaction, cancellationToken: cancellationToken));
        }

        await outbox.WriteAsync(transaction, address, AccountMails.AccountDeleted(), time.GetUtcNow() + NoticeLife, isReal: true, cancellationToken);
        return new Changed<Nothing>(Nothing.Value)
        {
            Stale = [.. ended.Select(CacheKeys.Token), CacheKeys.Memberships(user.Id)],
            Event = request.Audit.About("user", user.Id).Unmade(new AccountState(IsOpen: true), LicensingJson.Default.AccountState),
        };
    }

    /// <summary>A tenant sees in its own log that a member has gone.</summary>
    private async Task TellTenantsAsync(DbTransaction transaction, Guid userId, AuditEvent audit, CancellationToken cancellationToken)
    {
        var memberships = await transaction.Connection!.QueryAsync<(Guid Tenant, Guid Member, string Role)>(new CommandDefinition(
            "SELECT tenant_id, COALESCE(id, user_id), role FROM tenant_users WHERE user_id = @userId ORDER BY tenant_id", new { userId }, transaction, cancellationToken: cancellationToken));
        foreach (var (tenant, member, role) in memberships)
        {
            await auditLog.WriteAsync(
                transaction,
                (audit with { Action = "member.left", TenantId = tenant }).About("member", member).Unmade(new MemberState(MemberStatus.Active, role), LicensingJson.Default.MemberState),
                cancellationToken);
        }
    }

    private async Task<User?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await User.FindAsync(connection, null, userId, cancellationToken);
    }
}
