using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Tenants;
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
/// Gives members another role and lets them go, one change of a tenant's members after the other. When it returns, every gateway acts accordingly. A tenant keeps an
/// owner, whatever happens at once.
/// </summary>
internal sealed class ChangeMember(StateChanges changes, MemberQueries members, TimeProvider time)
{
    private const string SubjectType = "member";

    /// <summary>409: the tenant would have no owner.</summary>
    public static ApiError LastOwner { get; } = ApiErrors.Conflict("The tenant's last owner cannot go; make another member an owner first.");

    /// <summary>Gives a member, or somebody who is invited, another role.</summary>
    public Task<IResult> ChangeRoleAsync(Guid tenantId, MemberAuthority by, Guid id, TenantRole role, ChangeRequest<MemberRow> request) =>
        changes.InPlatformAsync<MemberRow>(request, async (transaction, token) =>
        {
            var (member, refusal) = await FindAsync(transaction, tenantId, by, id, leaves: role != TenantRole.Owner, becomesOwner: role == TenantRole.Owner, token);
            if (member is null)
            {
                return refusal!;
            }

            var changed = member with { Role = role.Word() };
            if (changed == member)
            {
                return new Changed<MemberRow>(member) { Stale = Stale(member) };
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                member.IsMember ? "UPDATE tenant_users SET role = @Role WHERE tenant_id = @tenantId AND user_id = @UserId" : "UPDATE invitations SET role = @Role WHERE id = @Id",
                new { changed.Role, tenantId, member.UserId, member.Id },
                transaction,
                cancellationToken: token));
            return new Changed<MemberRow>(changed)
            {
                Stale = Stale(member),
                Event = request.Audit.About(SubjectType, id).Changed(member.State(), changed.State(), LicensingJson.Default.MemberState),
            };
        });

    /// <summary>Lets a member go, or takes an invitation back.</summary>
    public Task<IResult> RemoveAsync(Guid tenantId, MemberAuthority by, Guid id, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            var (member, refusal) = await FindAsync(transaction, tenantId, by, id, leaves: true, becomesOwner: false, token);
            if (member is null)
            {
                return refusal == ApiErrors.ResourceNotFound && await FormerAsync(transaction, tenantId, id, token) is { } userId
                    ? new Changed<DeletedAnswer>(new DeletedAnswer(true, id)) { Stale = [CacheKeys.Memberships(userId)] }
                    : refusal!;
            }

            await RemoveAsync(transaction, tenantId, member, token);
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, id)) { Stale = Stale(member), Event = Gone(request.Audit, member) };
        });

    /// <summary>A member goes by itself.</summary>
    public Task<IResult> LeaveAsync(Guid tenantId, Guid userId, Guid? with, ChangeRequest<Nothing> request) =>
        changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            if (await AccountLock.TakeAsync(transaction, AccountOwner.User(userId), with, token) is null)
            {
                return ApiErrors.Unauthenticated;
            }

            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { } tenant
                || await transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
                    "SELECT COALESCE(id, user_id) FROM tenant_users WHERE tenant_id = @tenantId AND user_id = @userId", new { tenantId, userId }, transaction, cancellationToken: token)) is not { } id
                || await members.FindAsync(transaction, tenantId, id, token) is not { } member)
            {
                // Who has left already and was not answered: what every gateway owes to it is made good for.
                return new Changed<Nothing>(ApiErrors.TenantNotFound) { Stale = [CacheKeys.Memberships(userId)] };
            }

            if (tenant.Status != TenantStatus.Closed && await IsLastOwnerAsync(transaction, tenantId, member, token))
            {
                return LastOwner;
            }

            await RemoveAsync(transaction, tenantId, member, token);
            return new Changed<Nothing>(Nothing.Value) { Stale = Stale(member), Event = Gone(request.Audit, member) };
        });

    private static IReadOnlyCollection<Invalidation> Stale(MemberRow member) => member.UserId is { } userId ? [CacheKeys.Memberships(userId)] : [];

    private static AuditEvent Gone(AuditEvent audit, MemberRow member) => audit.About(SubjectType, member.Id).Unmade(member.State(), LicensingJson.Default.MemberState);

    private static async Task<bool> IsLastOwnerAsync(DbTransaction transaction, Guid tenantId, MemberRow member, CancellationToken cancellationToken) =>
        member is { IsMember: true, IsOwner: true } && (await MemberQueries.LockOwnersAsync(transaction, tenantId, cancellationToken)).All(owner => owner == member.UserId);

    private async Task RemoveAsync(DbTransaction transaction, Guid tenantId, MemberRow member, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            member.IsMember
                ? """
                  REPLACE INTO former_members (tenant_id, id, user_id, left_at) VALUES (@tenantId, @Id, @UserId, @now);
                  DELETE FROM tenant_users WHERE tenant_id = @tenantId AND user_id = @UserId
                  """
                : "UPDATE invitations SET open_marker = NULL WHERE id = @Id",
            new { tenantId, member.UserId, member.Id, now },
            transaction,
            cancellationToken: cancellationToken));
        await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.Invite, member.Id, now, cancellationToken);
    }

    /// <summary>Who was this member. Removing again changes nothing and is announced again: the first call may have died before it could.</summary>
    private static Task<Guid?> FormerAsync(DbTransaction transaction, Guid tenantId, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT user_id FROM former_members WHERE tenant_id = @tenantId AND id = @id", new { tenantId, id }, transaction, cancellationToken: cancellationToken));

    /// <summary>The member, if it may be changed so; the tenant's turn is taken.</summary>
    private async Task<(MemberRow? Member, ApiError? Refusal)> FindAsync(
        DbTransaction transaction, Guid tenantId, MemberAuthority by, Guid id, bool leaves, bool becomesOwner, CancellationToken cancellationToken)
    {
        if (await TenantQueries.LockAsync(transaction, tenantId, cancellationToken) is null || await members.FindAsync(transaction, tenantId, id, cancellationToken) is not { } member)
        {
            return (null, ApiErrors.ResourceNotFound);
        }

        // First, so that of two owners who take it from each other at once the second hears why not.
        if (leaves && await IsLastOwnerAsync(transaction, tenantId, member, cancellationToken))
        {
            return (null, by.Signed == TenantRole.Owner ? LastOwner : ApiErrors.InsufficientPermissions);
        }

        return await by.RefusalAsync(transaction, tenantId, member.IsOwner || becomesOwner, cancellationToken) is { } refusal ? (null, refusal) : (member, null);
    }
}
