using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Members;

/// <summary>
/// Invites people to a tenant by mail. Whether an address has an account is looked at by nobody here: what is written, answered and mailed is the same, so a tenant
/// learns of strangers only what it has told itself.
/// </summary>
internal sealed class InviteMember(StateChanges changes, MemberQueries members, MailedTokenStore tokens, MailOutbox outbox, AccountMails mails, IWakeup wakeup, TimeProvider time)
{
    /// <summary>Invitations that a tenant sends within a day: enough for a company, too few for who would send mails to strangers.</summary>
    private const int PerDay = 100;

    private const string SubjectType = "member";

    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>409: there is one.</summary>
    public static ApiError IsMember { get; } = ApiErrors.Conflict("The address is a member's already.");

    /// <summary>409: there is one.</summary>
    public static ApiError IsInvited { get; } = ApiErrors.Conflict("The address is invited already; send the invitation again instead.");

    /// <summary>409: a tenant has sent too many.</summary>
    public static ApiError TooMany { get; } = ApiErrors.Conflict("The tenant has sent as many invitations as it may within a day.");

    /// <summary>Invites somebody, or says why not.</summary>
    /// <param name="tenantId">Whereto.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="member">Who, as what.</param>
    /// <param name="request">The call.</param>
    public Task<IResult> ExecuteAsync(Guid tenantId, MemberAuthority by, NewMember member, ChangeRequest<MemberRow> request) =>
        RunAsync(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { Status: not TenantStatus.Closed } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var now = time.GetUtcNow();
            var refusal = await by.RefusalAsync(transaction, tenantId, member.Role == TenantRole.Owner, token)
                ?? await TakenAsync(transaction, tenantId, member.Email, token)
                ?? await MemberSeats.RefusalAsync(transaction, tenant, now, token)
                ?? await SentTodayAsync(transaction, tenantId, now, token);
            if (refusal is not null)
            {
                return refusal;
            }

            var row = new MemberRow
            {
                Id = Guid.CreateVersion7(now),
                Email = member.Email.Value,
                Role = member.Role.Word(),
                Status = MemberStatus.Invited,
                InvitedBy = by.UserId,
                ExpiresAt = now + Life,
                CreatedAt = now,
            };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO invitations (id, tenant_id, email, role, invited_by, open_marker, expires_at, created_at)
                VALUES (@Id, @tenantId, @Email, @Role, @InvitedBy, 1, @ExpiresAt, @CreatedAt)
                """,
                new { row.Id, tenantId, row.Email, row.Role, row.InvitedBy, row.ExpiresAt, row.CreatedAt },
                transaction,
                cancellationToken: token));
            await SendAsync(transaction, tenant, row, member.Email, now, token);
            return new Changed<MemberRow>(row)
            {
                Event = (request.Audit with { TenantId = tenantId }).About(SubjectType, row.Id).Made(row.State(), LicensingJson.Default.MemberState),
            };
        });

    /// <summary>Sends an invitation once more, with a new link in the place of the old ones; it can be accepted for as long again.</summary>
    public Task<IResult> ResendAsync(Guid tenantId, MemberAuthority by, Guid id, ChangeRequest<MemberRow> request) =>
        RunAsync(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var now = time.GetUtcNow();
            if (await members.FindAsync(transaction, tenantId, id, token) is not { } row || !EmailAddress.TryParse(row.Email, out var email))
            {
                return ApiErrors.ResourceNotFound;
            }

            if (row.IsMember)
            {
                return IsMember;
            }

            var refusal = await by.RefusalAsync(transaction, tenantId, row.IsOwner, token)
                ?? (row.Status == MemberStatus.Expired ? await MemberSeats.RefusalAsync(transaction, tenant, now, token) : null);
            if (refusal is not null)
            {
                return refusal;
            }

            var resent = row with { Status = MemberStatus.Invited, ExpiresAt = now + Life };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE invitations SET expires_at = @ExpiresAt WHERE id = @Id", new { resent.Id, resent.ExpiresAt }, transaction, cancellationToken: token));
            await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.Invite, id, now, token);
            await SendAsync(transaction, tenant, resent, email, now, token);
            return new Changed<MemberRow>(resent) { Event = request.Audit.About(SubjectType, id).Made(resent.State(), LicensingJson.Default.MemberState) };
        });

    private async Task<IResult> RunAsync(ChangeRequest<MemberRow> request, Func<DbTransaction, CancellationToken, Task<Changed<MemberRow>>> work)
    {
        var result = await changes.InPlatformAsync(request, work);
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    private async Task<ApiError?> TakenAsync(DbTransaction transaction, Guid tenantId, EmailAddress email, CancellationToken cancellationToken) =>
        await members.FindAsync(transaction, tenantId, email, cancellationToken) is { } known ? known.IsMember ? IsMember : IsInvited : null;

    private static async Task<ApiError?> SentTodayAsync(DbTransaction transaction, Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM invitations WHERE tenant_id = @tenantId AND created_at > @since",
            new { tenantId, since = now.AddDays(-1) },
            transaction,
            cancellationToken: cancellationToken)) >= PerDay
                ? TooMany
                : null;

    private async Task SendAsync(DbTransaction transaction, Tenant tenant, MemberRow row, EmailAddress email, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mail = mails.Invitation(tenant.Slug, row.Role, await tokens.IssueAsync(transaction, MailedTokenPurposes.Invite, row.Id, now + Life, cancellationToken));
        var hasRoom = await MailAllowance.HasRoomAsync(transaction, email, mail, now, cancellationToken);
        await outbox.WriteAsync(transaction, email, mail, now + Life, isReal: hasRoom, cancellationToken);
    }
}
