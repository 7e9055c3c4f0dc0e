using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Tokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Changes a user's password and ends all of the user's tokens but the one that asks. Whoever has the old password or another session is out,
/// everywhere, when the call returns.
/// </summary>
internal sealed class ChangePassword(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    AccessTokens tokens,
    MailOutbox outbox,
    AccountMails mails,
    CountedAudit counted,
    IWakeup wakeup,
    TimeProvider time)
{
    /// <summary>How long it is worth telling the owner of it.</summary>
    public static readonly TimeSpan NoticeLife = TimeSpan.FromDays(2);

    /// <summary>Changes it, or says why not.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="current">The password until now; a user who never had one needs none.</param>
    /// <param name="password">The password from now on.</param>
    /// <param name="request">The call.</param>
    public async Task<IResult> ExecuteAsync(Caller caller, string? current, string password, ChangeRequest<Nothing> request)
    {
        if (await FindAsync(caller.Id, request.Aborted) is not { } account || !EmailAddress.TryParse(account.Email, out var address))
        {
            return ApiResult.Error(ApiErrors.Unauthenticated);
        }

        if (Passwords.ProblemOf(password, address) is { } problem)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("password", problem));
        }

        var stored = account.PasswordHash;
        if (stored is not null && current is null)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("current_password", "Is required."));
        }

        // The new password in the place of the current one is a repetition, whose first call succeeded and was not answered.
        var isRepeated = false;
        if (stored is not null
            && !await passwords.VerifyAsync(stored, current!, request.Aborted)
            && !(isRepeated = await passwords.VerifyAsync(stored, password, request.Aborted)))
        {
            counted.Note(request.Audit with { Action = "user.password_change_failed" }, SignInMetrics.WrongPassword, caller.Network);
            return ApiResult.Error(ApiErrors.VerificationFailed);
        }

        var hash = isRepeated ? stored! : await passwords.HashAsync(password, request.Aborted);
        var result = await changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            if (await UserLock.TakeAsync(transaction, caller.Id, caller.Context.TokenId, token) is not { } user)
            {
                return ApiErrors.Unauthenticated;
            }

            if (user.PasswordHash != stored)
            {
                return ApiErrors.Conflict("The password was changed by another call meanwhile.");
            }

            if (!isRepeated)
            {
                var now = time.GetUtcNow();
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE users SET password_hash = @hash, updated_at = @now WHERE id = @Id",
                    new { hash, now, caller.Id },
                    transaction,
                    cancellationToken: token));
                await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.Reset, caller.Id, now, token);
                await ChangeEmail.CancelAsync(transaction, caller.Id, token);
                await Reauthentication.NoteAsync(transaction, caller.Context.TokenId, now, token);
                await outbox.WriteAsync(transaction, address, mails.PasswordChanged(), now + NoticeLife, isReal: true, token);
            }

            await tokens.RevokeAllAsync(transaction, TokenOwners.User, caller.Id, caller.Context.TokenId, token);
            return new Changed<Nothing>(Nothing.Value)
            {
                Stale = [.. (await tokens.EndedAsync(transaction, TokenOwners.User, caller.Id, token)).Select(CacheKeys.Token)],
                Event = isRepeated ? null : request.Audit.About("user", caller.Id).ChangedOnly("password"),
            };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    private async Task<User?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await User.FindAsync(connection, null, userId, cancellationToken);
    }
}
