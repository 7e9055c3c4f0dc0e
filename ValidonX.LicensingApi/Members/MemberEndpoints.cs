using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Members;

/// <summary>A tenant's members under <c>/v1/tenant/members</c> (CONTRACT §9), and for operators under <c>/v1/admin/tenants/{id}/members</c>.</summary>
internal static class MemberEndpoints
{
    private const string Invitation =
        "The invitation is mailed; it can be accepted for seven days. The answer and what is shown of who is invited are the same whether the address has an account or not.";

    private static readonly ApiError NoSeat = ApiErrors.EntitlementLimitExceeded(EntitlementCodes.Members, 5, 5);

    /// <summary>For the tenant.</summary>
    public static void MapMembers(this RouteGroupBuilder tenant)
    {
        var members = tenant.MapGroup("/members").WithTags("Members");
        members.MapGet("/", (Caller caller, Query<MemberFilter> query, MemberQueries queries, CancellationToken cancellationToken) =>
                ListAsync(caller.Placement.TenantId, query.Value, queries, cancellationToken))
            .Is("listMembers", "Lists members and open invitations, newest first.", Answers.Page<ShownMember>());
        members.MapPost("/", (HttpContext context, Caller caller, Body<NewMember> body, InviteMember invite) =>
                invite.ExecuteAsync(caller.Placement.TenantId, MemberAuthority.Of(caller), body.Value, Change(context, "member.invited", caller.Placement.TenantId, Created)))
            .For(Permissions.ManageMembers)
            .Is(new Operation("inviteMember", "Invites somebody to the tenant.", [Answers.Created<MemberAnswer>()])
            {
                Description = Invitation,
                Errors = [InviteMember.IsMember, InviteMember.IsInvited, InviteMember.TooMany, NoSeat],
            });
        members.MapPatch("/{id}", (HttpContext context, PathId id, Caller caller, Body<MemberChange> body, ChangeMember change) =>
                change.ChangeRoleAsync(
                    caller.Placement.TenantId, MemberAuthority.Of(caller), id, body.Value.Role, Change(context, "member.role_changed", caller.Placement.TenantId, Shown)))
            .For(Permissions.ManageMembers)
            .Is(new Operation("changeMember", "Gives a member another role.", [Answers.Ok<MemberAnswer>()])
            {
                Description = "In force on every gateway when the call returns. Only owners make owners, and only owners take that from them; the last one stays an owner.",
                Errors = [ApiErrors.ResourceNotFound, ChangeMember.LastOwner],
            });
        members.MapDelete("/{id}", RemoveAsync).For(Permissions.ManageMembers).Is(
            new Operation("removeMember", "Lets a member go, or takes an invitation back.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "No gateway lets the member in any more when the call returns. The last owner cannot go. API keys that the member made stay.",
                Errors = [ApiErrors.ResourceNotFound, ChangeMember.LastOwner],
            });
        members.MapPost("/{id}/resend", (HttpContext context, PathId id, Caller caller, InviteMember invite) =>
                invite.ResendAsync(caller.Placement.TenantId, MemberAuthority.Of(caller), id, Change(context, "member.invitation_resent", caller.Placement.TenantId, Shown)))
            .For(Permissions.ManageMembers)
            .Is("resendInvitation", "Sends an invitation once more; links that were sent before are of no use any more.", Answers.Ok<MemberAnswer>(), ApiErrors.ResourceNotFound, InviteMember.IsMember, NoSeat);
    }

    /// <summary>For operators.</summary>
    public static void MapMembersOfTenant(this RouteGroupBuilder tenant)
    {
        var members = tenant.MapGroup("/members");
        members.MapGet("/", async (PathId id, Query<MemberFilter> query, MemberQueries queries, TenantQueries tenants, CancellationToken cancellationToken) =>
                await tenants.ExistsAsync(id, cancellationToken) ? await ListAsync(id, query.Value, queries, cancellationToken) : ApiResult.Error(ApiErrors.TenantNotFound))
            .Is("listMembersOfTenant", "Lists a tenant's members and open invitations, newest first.", Answers.Page<ShownMember>(), ApiErrors.TenantNotFound);
        members.MapPost("/", (HttpContext context, PathId id, Body<NewMember> body, InviteMember invite) =>
                invite.ExecuteAsync(id, MemberAuthority.Operator, body.Value, Change(context, "member.invited", id, Created)))
            .Is(new Operation("inviteMemberOfTenant", "Invites somebody to a tenant, such as a new owner when the last one is gone.", [Answers.Created<MemberAnswer>()])
            {
                Description = Invitation,
                Errors = [ApiErrors.TenantNotFound, InviteMember.IsMember, InviteMember.IsInvited, InviteMember.TooMany, NoSeat],
            });
    }

    private static async Task<IResult> ListAsync(Guid tenantId, MemberFilter filter, MemberQueries queries, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await queries.ListAsync(tenantId, filter, cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownMember>>([.. items.Select(row => row.Show())], LicensingJson.Default.IReadOnlyListShownMember, nextCursor);
    }

    private static Task<IResult> RemoveAsync(HttpContext context, PathId id, Caller caller, ChangeMember change) =>
        change.RemoveAsync(
            caller.Placement.TenantId,
            MemberAuthority.Of(caller),
            id,
            context.Change<DeletedAnswer>("member.removed", caller.Placement.TenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));

    private static ChangeRequest<MemberRow> Change(HttpContext context, string action, Guid tenantId, Func<MemberRow, IApiResult> answer) => context.Change(action, tenantId, answer);

    private static IApiResult Created(MemberRow row) => ApiResult.Created(new MemberAnswer(row.Show()), LicensingJson.Default.MemberAnswer);

    private static IApiResult Shown(MemberRow row) => ApiResult.Ok(new MemberAnswer(row.Show()), LicensingJson.Default.MemberAnswer);
}
