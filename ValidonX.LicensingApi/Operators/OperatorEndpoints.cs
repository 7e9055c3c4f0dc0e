using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Sessions;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Operators;

/// <summary>Who operates the platform, under <c>/v1/admin/operators</c>; who is invited to accepts under <c>/auth</c>.</summary>
internal static class OperatorEndpoints
{
    /// <summary>For operators.</summary>
    public static void MapOperators(this RouteGroupBuilder admin)
    {
        var operators = admin.MapGroup("/operators").WithTags("Operators");
        operators.MapGet("/", ListAsync).Is("listOperators", "Lists operators, newest first.", Answers.Page<ShownOperator>());
        operators.MapGet("/{id}", FindAsync).Is("getOperatorById", "Shows an operator.", Answers.Ok<OneOperator>(), ApiErrors.ResourceNotFound);
        operators.MapPost("/", (HttpContext context, Caller caller, Body<NewOperator> body, InviteOperator invite, OperatorQueries queries) =>
                invite.ExecuteAsync(caller, body.Value, context.Change<OperatorRow>("operator.invited", null, row => ApiResult.Created(new OneOperator(queries.Show(row)), LicensingJson.Default.OneOperator))))
            .Is(new Operation("inviteOperator", "Invites somebody to operate the platform.", [Answers.Created<OneOperator>()])
            {
                Description = "The invitation is mailed; by its link, good for seven days, the operator sets a password. No password passes through who invites.",
                Errors = [InviteOperator.IsKnown],
            });
        operators.MapPost("/{id}/resend", (HttpContext context, PathId id, Caller caller, InviteOperator invite, OperatorQueries queries) =>
                invite.ResendAsync(caller, id, Change(context, "operator.invitation_resent", queries)))
            .Is("resendOperatorInvitation", "Sends an invitation once more; links that were sent before are of no use any more.", Answers.Ok<OneOperator>(), ApiErrors.ResourceNotFound, InviteOperator.IsNotInvited);
        operators.MapPatch("/{id}", (HttpContext context, PathId id, Caller caller, Body<OperatorChange> body, ChangeOperator change, OperatorQueries queries) =>
                change.RenameAsync(caller, id, body.Value.Name, Change(context, "operator.renamed", queries)))
            .Is("renameOperator", "Gives an operator another name.", Answers.Ok<OneOperator>(), ApiErrors.ResourceNotFound);
        operators.MapPost("/{id}/disable", (HttpContext context, PathId id, Caller caller, ChangeOperator change, OperatorQueries queries) =>
                change.DisableAsync(caller, id, Change(context, "operator.disabled", queries)))
            .Is(new Operation("disableOperator", "Shuts an operator out, or takes an invitation back.", [Answers.Ok<OneOperator>()])
            {
                Description = "All the operator's tokens end, no gateway takes one any more when the call returns, and neither password nor passkey signs in. The operator stays in the list, by which the audit log "
                    + "names who did what. Refused for oneself, so that one who can sign in is always left, and for the account of the configuration.",
                Errors = [ApiErrors.ResourceNotFound, ChangeOperator.IsOneself, ChangeOperator.IsConfigured],
            });
        operators.MapPost("/{id}/enable", (HttpContext context, PathId id, Caller caller, ChangeOperator change, OperatorQueries queries) =>
                change.EnableAsync(caller, id, Change(context, "operator.enabled", queries)))
            .Is(new Operation("enableOperator", "Lets a disabled operator in again.", [Answers.Ok<OneOperator>()])
            {
                Description = "By the password, passkeys and second factor of before; tokens stay ended. Who had not accepted is `invited` again, and needs another mail.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    /// <summary>For who is invited.</summary>
    public static void MapOperatorInvitationAcceptance(this IEndpointRouteBuilder sessions) =>
        sessions.MapPost("/invitations/accept", AcceptAsync).Is(
            "acceptOperatorInvitation", "Makes who is invited an operator, by the token of the mail and a password, and logs in.", Answers.Ok<LoginAnswer>(), ApiErrors.LinkInvalid, ApiErrors.AccountLocked);

    private static async Task<IResult> ListAsync(Query<OperatorFilter> query, OperatorQueries operators, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await operators.ListAsync(query.Value, cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownOperator, nextCursor);
    }

    private static async Task<IResult> FindAsync(PathId id, OperatorQueries operators, CancellationToken cancellationToken) =>
        await operators.FindAsync(id, cancellationToken) is { } found ? ApiResult.Ok(new OneOperator(found), LicensingJson.Default.OneOperator) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> AcceptAsync(HttpContext context, Caller caller, Body<OperatorAcceptance> body, AcceptOperatorInvitation accept) =>
        accept.ExecuteAsync(
            body.Value, caller.Network, context.Change<LoginAnswer>("operator.accepted", null, login => ApiResult.Ok(login, LicensingJson.Default.LoginAnswer)));

    private static ChangeRequest<OperatorRow> Change(HttpContext context, string action, OperatorQueries queries) =>
        context.Change<OperatorRow>(action, null, row => ApiResult.Ok(new OneOperator(queries.Show(row)), LicensingJson.Default.OneOperator));
}
