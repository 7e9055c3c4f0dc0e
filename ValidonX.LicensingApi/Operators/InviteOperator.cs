using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Operators;

/// <summary>Invites people to operate the platform. The mail's token sets their first password, so none ever passes through who invites.</summary>
internal sealed class InviteOperator(StateChanges changes, MailedTokenStore tokens, MailOutbox outbox, AccountMails mails, IWakeup wakeup, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>409: there is one.</summary>
    public static ApiError IsKnown { get; } = ApiErrors.Conflict("The address is an operator's already, or is invited: send the invitation again, or enable the operator, instead.");

    /// <summary>409: there is nothing to accept.</summary>
    public static ApiError IsNotInvited { get; } = ApiErrors.Conflict("The operator has accepted already, or is disabled.");

    /// <summary>Invites somebody, or says why not.</summary>
    /// <param name="caller">Who does it.</param>
    /// <param name="invited">Whom.</param>
    /// <param name="request">The call.</param>
    public async Task<IResult> ExecuteAsync(Caller caller, NewOperator invited, ChangeRequest<OperatorRow> request)
    {
        try
        {
            return await RunAsync(request, async (transaction, token) =>
            {
                if (!await OperatorTurn.TakeAsync(transaction, caller, caller.Id, token))
                {
                    return ApiErrors.Unauthenticated;
                }

                if (await IsKnownAsync(transaction, invited.Email, token))
                {
                    return IsKnown;
                }

                var now = time.GetUtcNow();
                var row = new OperatorRow { Id = Guid.CreateVersion7(now), Email = invited.Email.Value, Name = invited.Name, Status = OperatorStatus.Invited, CreatedAt = now };
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "INSERT INTO admins (id, email, name, created_at, updated_at) VALUES (@Id, @Email, @Name, @CreatedAt, @CreatedAt)",
                    new { row.Id, row.Email, row.Name, row.CreatedAt },
                    transaction,
                    cancellationToken: token));
                await SendAsync(transaction, row.Id, invited.Email, now, token);
                return new Changed<OperatorRow>(row) { Event = request.Audit.About("operator", row.Id).Made(row.State(), LicensingJson.Default.OperatorState) };
            });
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            // Somebody else invited the same address at this very moment.
            return ApiResult.Error(IsKnown);
        }
    }

    /// <summary>Sends an invitation once more, with a new link in the place of the old ones, good for as long again.</summary>
    public Task<IResult> ResendAsync(Caller caller, Guid id, ChangeRequest<OperatorRow> request) =>
        RunAsync(request, async (transaction, token) =>
        {
            if (!await OperatorTurn.TakeAsync(transaction, caller, id, token))
            {
                return ApiErrors.Unauthenticated;
            }

            if (await OperatorQueries.FindAsync(transaction.Connection!, transaction, id, token) is not { } row || !EmailAddress.TryParse(row.Email, out var email))
            {
                return ApiErrors.ResourceNotFound;
            }

            if (row.Status != OperatorStatus.Invited)
            {
                return IsNotInvited;
            }

            var now = time.GetUtcNow();
            await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.OperatorInvite, id, now, token);
            await SendAsync(transaction, id, email, now, token);
            return new Changed<OperatorRow>(row) { Event = request.Audit.About("operator", id).Made(row.State(), LicensingJson.Default.OperatorState) };
        });

    private async Task<IResult> RunAsync(ChangeRequest<OperatorRow> request, Func<DbTransaction, CancellationToken, Task<Changed<OperatorRow>>> work)
    {
        var result = await changes.InPlatformAsync(request, work);
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    private static async Task<bool> IsKnownAsync(DbTransaction transaction, EmailAddress email, CancellationToken cancellationToken) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM admins WHERE email = @Value", new { email.Value }, transaction, cancellationToken: cancellationToken)) > 0;

    private async Task SendAsync(DbTransaction transaction, Guid id, EmailAddress email, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mail = mails.OperatorInvitation(await tokens.IssueAsync(transaction, MailedTokenPurposes.OperatorInvite, id, now + Life, cancellationToken));
        var hasRoom = await MailAllowance.HasRoomAsync(transaction, email, mail, now, cancellationToken);
        await outbox.WriteAsync(transaction, email, mail, now + Life, isReal: hasRoom, cancellationToken);
    }
}
