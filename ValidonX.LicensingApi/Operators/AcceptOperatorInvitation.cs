using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Operators;

/// <summary>
/// Makes who is invited an operator, by the mailed token and a first password, and signs in. Of any number who use one token at once one is let in, unless they state the same password:
/// then the others are repetitions whose first answer was lost, and sign in as at any other time, by the second factor, too, if there is one since.
/// </summary>
internal sealed class AcceptOperatorInvitation(
    OperatorQueries operators,
    StateChanges changes,
    PasswordHasher passwords,
    MailedTokenStore tokens,
    OperatorSessions sessions,
    CountedAudit counted,
    TimeProvider time)
{
    private const string BadToken = "bad_token";
    private const string LoggedIn = "operator.logged_in";

    /// <summary>Accepts it, or says why not.</summary>
    /// <param name="acceptance">The token, and the password.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="request">The request.</param>
    public async Task<IResult> ExecuteAsync(OperatorAcceptance acceptance, string network, ChangeRequest<LoginAnswer> request)
    {
        // A stranger's guess costs no hash.
        if (await tokens.FindAsync(acceptance.Token, MailedTokenPurposes.OperatorInvite, request.Aborted) is not { } id || await FindAsync(id, request.Aborted) is not { } email)
        {
            return await RepeatAsync() ?? Refuse();
        }

        if (Passwords.ProblemOf(acceptance.Password, email) is { } problem)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("password", problem));
        }

        var hash = await passwords.HashAsync(acceptance.Password, request.Aborted);
        var isAccepted = false;
        var result = await changes.InPlatformAsync<LoginAnswer>(request, async (transaction, token) =>
        {
            isAccepted = await tokens.TakeAsync(transaction, acceptance.Token, MailedTokenPurposes.OperatorInvite, token) == id
                && await OperatorQueries.LockAsync(transaction, id, token) is { Status: OperatorStatus.Invited };
            if (!isAccepted)
            {
                return ApiErrors.LinkInvalid;
            }

            await NewPassword.StoreAsync(transaction, AccountOwner.Operator(id), hash, time.GetUtcNow(), token);
            var audit = request.Audit with { ActorType = "operator", ActorId = id.ToString() };
            var begun = await sessions.BeginAsync(transaction, id, hasSecondFactor: false, request with { Audit = audit with { Action = LoggedIn } }, token);
            return begun with
            {
                Event = audit.About("operator", id).Changed(new OperatorState(OperatorStatus.Invited), new OperatorState(OperatorStatus.Active), LicensingJson.Default.OperatorState),
                AlsoHappened = [begun.Event!],
            };
        });
        return isAccepted ? result : await RepeatAsync() ?? Refuse();

        async Task<IResult?> RepeatAsync() =>
            await tokens.FindUsedAsync(acceptance.Token, MailedTokenPurposes.OperatorInvite, request.Aborted) is { } used
            && await FindAsync(used, request.Aborted) is { } address
            && await sessions.KnowsAsync(address, acceptance.Password, request.Aborted)
                ? await sessions.LoginAsync(
                    new OperatorLogin { Email = address, Password = acceptance.Password }, network, request with { Audit = request.Audit with { Action = LoggedIn } })
                : null;

        IResult Refuse()
        {
            counted.Note(request.Audit with { Action = "operator.acceptance_failed" }, BadToken, network);
            return ApiResult.Error(ApiErrors.LinkInvalid);
        }
    }

    private async Task<EmailAddress?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await operators.FindAsync(id, cancellationToken) is { } found && EmailAddress.TryParse(found.Email, out var address) ? address : null;
}
