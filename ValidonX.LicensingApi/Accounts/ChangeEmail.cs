using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Registration;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Changes the address that names an account: it takes the password (and the second factor), the new address is proved by a mailed token before anything changes, and the old one is
/// told both times. A new password stops a change that waits. As with registering, whether the new address has an account decides only which mail its owner gets.
/// </summary>
internal sealed class ChangeEmail(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    SecondFactors factors,
    MailedTokenStore tokens,
    MailOutbox outbox,
    AccountMails mails,
    CountedAudit counted,
    IWakeup wakeup,
    TimeProvider time)
{
    private const string BadToken = "bad_token";
    private const string Failed = "user.email_change_failed";

    private static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>Asks for it, or says why not.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="wanted">The new address, and what proves that it is the user.</param>
    /// <param name="request">The call.</param>
    public async Task<IResult> AskAsync(Caller caller, EmailChange wanted, ChangeRequest<MailRequested> request)
    {
        if (await FindAsync(caller.Id, request.Aborted) is not { } user || !EmailAddress.TryParse(user.Email, out var current))
        {
            return ApiResult.Error(ApiErrors.Unauthenticated);
        }

        if (current == wanted.Email)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("email", "Is the account's address already."));
        }

        if (!await passwords.VerifyAsync(user.PasswordHash, wanted.Password, request.Aborted))
        {
            return Refuse(ApiErrors.VerificationFailed, SignInMetrics.WrongPassword);
        }

        ApiError? barred = null;
        var result = await changes.InPlatformAsync<MailRequested>(request, async (transaction, token) =>
        {
            var locked = await AccountLock.TakeAsync(transaction, AccountOwner.User(user.Id), caller.Context.TokenId, token);
            barred = locked?.PasswordHash != user.PasswordHash ? ApiErrors.Unauthenticated : await factors.CheckAsync(transaction, AccountOwner.User(user.Id), wanted.Otp, token);
            if (barred is not null)
            {
                return barred;
            }

            await SendAsync(transaction, user.Id, current, wanted.Email, token);
            return new Changed<MailRequested>(new MailRequested("verification_sent")) { Event = request.Audit.About("user", user.Id) };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return barred is null ? result
            : Refuse(barred == ApiErrors.InvalidCredentials ? ApiErrors.CodeInvalid : barred, wanted.Otp is null ? SignInMetrics.NoCode : SignInMetrics.WrongCode);

        IResult Refuse(ApiError error, string reason)
        {
            counted.Note(request.Audit with { Action = Failed }, reason, caller.Network);
            return ApiResult.Error(error);
        }
    }

    /// <summary>Changes it by the mailed token. Links for a new password that were mailed to the old address end with it.</summary>
    public async Task<IResult> ConfirmAsync(string token, string network, ChangeRequest<UserAnswer> request)
    {
        var isChanged = false;
        try
        {
            var result = await changes.InPlatformAsync<UserAnswer>(request, async (transaction, cancellation) =>
            {
                var changed = await ChangeAsync(transaction, token, request.Audit, cancellation);
                isChanged = changed.Outcome.Refusal is null;
                return changed;
            });
            if (isChanged)
            {
                wakeup.Signal(MailOutbox.WakeupChannel);
                return result;
            }
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            // The address got an account of its own meanwhile.
        }

        counted.Note(request.Audit with { Action = Failed }, BadToken, network);
        return ApiResult.Error(ApiErrors.LinkInvalid);
    }

    /// <summary>Stops the changes of a user that wait.</summary>
    public static Task CancelAsync(DbTransaction transaction, Guid userId, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM email_changes WHERE user_id = @userId", new { userId }, transaction, cancellationToken: cancellationToken));

    private async Task SendAsync(DbTransaction transaction, Guid userId, EmailAddress current, EmailAddress wanted, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var now = time.GetUtcNow();
        var isTaken = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM users WHERE email = @Value)", new { wanted.Value }, transaction, cancellationToken: cancellationToken));
        var expiresAt = isTaken ? now : now + Life;
        var id = Guid.CreateVersion7(now);
        await CancelAsync(transaction, userId, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO email_changes (id, user_id, email, expires_at, created_at) VALUES (@id, @userId, @email, @expiresAt, @now)",
            new { id, userId, email = wanted.Value, expiresAt, now },
            transaction,
            cancellationToken: cancellationToken));
        var mailed = await tokens.IssueAsync(transaction, MailedTokenPurposes.EmailChange, id, expiresAt, cancellationToken);
        var mail = isTaken ? mails.AccountExists() : mails.ConfirmNewAddress(mailed);
        var hasRoom = await MailAllowance.HasRoomAsync(transaction, wanted, mail, now, cancellationToken);
        await outbox.WriteAsync(transaction, wanted, mail, now + Life, isReal: hasRoom, cancellationToken);
        await outbox.WriteAsync(transaction, current, mails.AddressChangeAsked(), now + ChangePassword.NoticeLife, isReal: true, cancellationToken);
    }

    private async Task<Changed<UserAnswer>> ChangeAsync(DbTransaction transaction, string token, AuditEvent audit, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var now = time.GetUtcNow();
        if (await tokens.TakeAsync(transaction, token, MailedTokenPurposes.EmailChange, cancellationToken) is not { } id
            || await connection.QuerySingleOrDefaultAsync<(Guid UserId, string Email)?>(new CommandDefinition(
                "SELECT user_id, email FROM email_changes WHERE id = @id AND expires_at > @now", new { id, now }, transaction, cancellationToken: cancellationToken)) is not { } change
            || await AccountLock.TakeAsync(transaction, AccountOwner.User(change.UserId), with: null, cancellationToken) is null
            || await User.FindAsync(connection, transaction, change.UserId, cancellationToken) is not { } user)
        {
            return ApiErrors.LinkInvalid;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE users SET email = @Email, email_verified_at = @now, updated_at = @now WHERE id = @UserId;
            DELETE FROM registrations WHERE email = @Email
            """,
            new { change.Email, change.UserId, now },
            transaction,
            cancellationToken: cancellationToken));
        await CancelAsync(transaction, user.Id, cancellationToken);
        await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.Reset, user.Id, now, cancellationToken);
        if (EmailAddress.TryParse(user.Email, out var former))
        {
            await outbox.WriteAsync(transaction, former, AccountMails.AddressChanged(), now + ChangePassword.NoticeLife, isReal: true, cancellationToken);
        }

        return new Changed<UserAnswer>(new UserAnswer((user with { Email = change.Email, EmailVerifiedAt = now }).Show()))
        {
            Event = (audit with { ActorType = "user", ActorId = user.Id.ToString() }).About("user", user.Id).ChangedOnly("email"),
        };
    }

    private async Task<User?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await User.FindAsync(connection, null, userId, cancellationToken);
    }
}
