using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Members;

/// <summary>What is done by who is invited: under <c>/v1/account</c> with an account, under <c>/v1/auth</c> without one.</summary>
internal static class InvitationEndpoints
{
    /// <summary>For users.</summary>
    public static void MapOwnInvitations(this RouteGroupBuilder account)
    {
        var own = account.MapGroup("/invitations").WithTags("Account");
        own.MapGet("/", ListAsync).Is("listOwnInvitations", "Lists the invitations to the caller's address that can be accepted, newest first.", Answers.Page<ShownInvitation>());
        own.MapPost("/{invitationId}/accept", JoinAsync).Is(
            new Operation("acceptOwnInvitation", "Accepts an invitation: the caller is a member from now on.", [Answers.Ok<MembershipAnswer>()])
            {
                Description = "Only an invitation to the account's own address, which has to be proved.",
                Errors = [ApiErrors.ResourceNotFound, ApiErrors.EmailNotVerified],
            });
        own.MapDelete("/{invitationId}", DeclineAsync).Is("declineOwnInvitation", "Declines an invitation.", Answers.Nothing, ApiErrors.ResourceNotFound);
        account.MapDelete("/tenants/{tenantId}", LeaveAsync).WithTags("Account").Is(
            new Operation("leaveTenant", "Ends the caller's membership of a tenant.", [Answers.Nothing])
            {
                Description = "The last owner of a tenant that is not closed cannot go.",
                Errors = [ApiErrors.TenantNotFound, ChangeMember.LastOwner],
            });
    }

    /// <summary>For who has no account yet.</summary>
    public static void MapInvitationAcceptance(this IEndpointRouteBuilder auth) =>
        auth.MapPost("/invitations/accept", OpenAsync).Is(
            new Operation("acceptInvitation", "Opens an account by the token of an invitation's mail, and joins the tenant.", [Answers.Ok<UserLoginAnswer>()])
            {
                Description = "For who has no account. Who has one signs in, and finds the invitation there.",
                Errors = [ApiErrors.LinkInvalid, AcceptInvitation.HasAccount, ApiErrors.AccountLocked],
            });

    private static async Task<IResult> ListAsync(Caller caller, Query<ListQuery> query, InvitationQueries invitations, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await invitations.ListAsync(caller.Id, query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownInvitation, nextCursor);
    }

    private static Task<IResult> JoinAsync(HttpContext context, PathId invitationId, Caller caller, AcceptInvitation accept) =>
        accept.JoinAsync(
            caller.Id,
            caller.Context.TokenId,
            invitationId,
            context.Change<ShownMembership>("member.joined", null, tenant => ApiResult.Ok(new MembershipAnswer(tenant), LicensingJson.Default.MembershipAnswer)));

    private static Task<IResult> DeclineAsync(HttpContext context, PathId invitationId, Caller caller, AcceptInvitation accept) =>
        accept.DeclineAsync(caller.Id, caller.Context.TokenId, invitationId, context.Change<Nothing>("member.declined", null, _ => ApiResult.NoContent));

    private static Task<IResult> LeaveAsync(HttpContext context, PathId tenantId, Caller caller, ChangeMember change) =>
        change.LeaveAsync(tenantId, caller.Id, caller.Context.TokenId, context.Change<Nothing>("member.left", tenantId, _ => ApiResult.NoContent));

    private static Task<IResult> OpenAsync(HttpContext context, Caller caller, Body<InvitationAcceptance> body, AcceptInvitation accept) =>
        accept.OpenAsync(
            body.Value, caller.Network, context.Change<UserLoginAnswer>("member.joined", null, user => ApiResult.Ok(user, LicensingJson.Default.UserLoginAnswer)));
}
