using System.Data.Common;
using Dapper;
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
/// Sets a new password by the token that was mailed, and ends all of the user's tokens everywhere. Who got the mail has the address, which is proved by it. A second
/// factor stays: who reads somebody's mails must not get in by that alone.
/// </summary>
internal sealed class ResetPassword(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    MailedTokenStore mailedTokens,
    AccessTokens tokens,
    MailOutbox outbox,
    AccountMails mails,
    CountedAudit counted,
    IWakeup wakeup,
    TimeProvider time)
{
    private const string BadToken = "bad_token";

    /// <summary>Sets it, or says why not.</summary>
    /// <param name="token">The mailed token.</param>
    /// <param name="password">The new password.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="request">The request.</param>
    public async Task<IResult> ExecuteAsync(string token, string password, string network, ChangeRequest<UserAnswer> request)
    {
        // A stranger's guess costs no hash.
        if (await mailedTokens.FindAsync(token, MailedTokenPurposes.Reset, request.Aborted) is not { } userId || await FindAsync(userId, request.Aborted) is not { } user)
        {
            return Refuse();
        }

        if (EmailAddress.TryParse(user.Email, out var address) && Passwords.ProblemOf(password, address) is { } problem)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("password", problem));
        }

        var hash = await passwords.HashAsync(password, request.Aborted);
        var isSet = false;
        var result = await changes.InPlatformAsync<UserAnswer>(request, async (transaction, cancellation) =>
        {
            isSet = await mailedTokens.TakeAsync(transaction, token, MailedTokenPurposes.Reset, cancellation) == userId
                && await UserLock.TakeAsync(transaction, userId, with: null, cancellation) is not null;
            return isSet ? await SetAsync(transaction, userId, address, hash, request, cancellation) : ApiErrors.PasswordResetFailed;
        });
        if (!isSet)
        {
            return Refuse();
        }

        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;

        IResult Refuse()
        {
            counted.Note(request.Audit with { Action = "user.password_reset_failed" }, BadToken, network);
            return ApiResult.Error(ApiErrors.PasswordResetFailed);
        }
    }

    private async Task<Changed<UserAnswer>> SetAsync(
        DbTransaction transaction, Guid userId, EmailAddress address, string hash, ChangeRequest<UserAnswer> request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE users SET password_hash = @hash, email_verified_at = COALESCE(email_verified_at, @now), updated_at = @now WHERE id = @userId",
            new { hash, now, userId },
            transaction,
            cancellationToken: cancellationToken));
        await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.Reset, userId, now, cancellationToken);
        await ChangeEmail.CancelAsync(transaction, userId, cancellationToken);
        await tokens.RevokeAllAsync(transaction, TokenOwners.User, userId, except: null, cancellationToken);
        await outbox.WriteAsync(transaction, address, mails.PasswordChanged(), now + ChangePassword.NoticeLife, isReal: true, cancellationToken);
        var user = await User.FindAsync(transaction.Connection!, transaction, userId, cancellationToken);
        return new Changed<UserAnswer>(new UserAnswer(user!.Show()))
        {
            Stale = [.. (await tokens.EndedAsync(transaction, TokenOwners.User, userId, cancellationToken)).Select(CacheKeys.Token)],
            Event = (request.Audit with { ActorType = "user", ActorId = userId.ToString() }).About("user", userId).ChangedOnly("password"),
        };
    }

    private async Task<User?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await User.FindAsync(connection, null, userId, cancellationToken);
    }
}
