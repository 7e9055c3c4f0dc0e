using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Sets a new password of a user or an operator by the token that was mailed, and ends all of the account's tokens everywhere. Who got the mail has the address, which is proved by it.
/// A second factor stays: who reads somebody's mails must not get in by that alone. The same token and password again, soon after, is a repetition whose first answer was lost.
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

    /// <summary>Sets a user's, or says why not.</summary>
    /// <param name="token">The mailed token.</param>
    /// <param name="password">The new password.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="request">The request.</param>
    public Task<IResult> OfUserAsync(string token, string password, string network, ChangeRequest<UserAnswer> request) =>
        ExecuteAsync(AccountOwner.User, token, password, network, request, async (transaction, id, cancellation) =>
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE users SET email_verified_at = @now WHERE id = @id AND email_verified_at IS NULL", new { id, now = time.GetUtcNow() }, transaction, cancellationToken: cancellation));
            return new UserAnswer((await User.FindAsync(transaction.Connection!, transaction, id, cancellation))!.Show());
        });

    /// <summary>Sets an operator's, or says why not.</summary>
    public Task<IResult> OfOperatorAsync(string token, string password, string network, ChangeRequest<OperatorAnswer> request) =>
        ExecuteAsync(AccountOwner.Operator, token, password, network, request, async (transaction, id, cancellation) =>
            (await OperatorSessions.FindAsync(transaction.Connection!, transaction, id, cancellation))!);

    private async Task<IResult> ExecuteAsync<T>(
        Func<Guid, AccountOwner> ownerOf, string token, string password, string network, ChangeRequest<T> request, Func<DbTransaction, Guid, CancellationToken, Task<T>> showAsync)
        where T : class
    {
        var purpose = ownerOf(Guid.Empty).ResetPurpose;
        // A stranger's guess costs no hash.
        if (await mailedTokens.FindAsync(token, purpose, request.Aborted) is not { } id || await FindAsync(ownerOf(id), request.Aborted) is not { } account)
        {
            return await RepeatAsync() ?? Refuse();
        }

        var owner = ownerOf(id);
        if (EmailAddress.TryParse(account.Email, out var address) && Passwords.ProblemOf(password, address) is { } problem)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("password", problem));
        }

        var hash = await passwords.HashAsync(password, request.Aborted);
        var isSet = false;
        var result = await changes.InPlatformAsync<T>(request, async (transaction, cancellation) =>
        {
            isSet = await mailedTokens.TakeAsync(transaction, token, purpose, cancellation) == id && await AccountLock.TakeAsync(transaction, owner, with: null, cancellation) is not null;
            if (!isSet)
            {
                return ApiErrors.PasswordResetFailed;
            }

            var now = time.GetUtcNow();
            await NewPassword.StoreAsync(transaction, owner, hash, now, cancellation);
            await tokens.RevokeAllAsync(transaction, owner.Type, id, except: null, cancellation);
            await outbox.WriteAsync(transaction, address, mails.PasswordChanged(), now + ChangePassword.NoticeLife, isReal: true, cancellation);
            return await ToldAsync(transaction, owner, cancellation) with
            {
                Event = (request.Audit with { ActorType = owner.Word, ActorId = id.ToString() }).About(owner.Word, id).ChangedOnly("password"),
            };
        });
        if (!isSet)
        {
            return await RepeatAsync() ?? Refuse();
        }

        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;

        // Changes nothing and is announced again: the first call may have died before it could.
        async Task<IResult?> RepeatAsync() =>
            await mailedTokens.FindUsedAsync(token, purpose, request.Aborted) is { } used
            && await FindAsync(ownerOf(used), request.Aborted) is { PasswordHash: { } stored }
            && await passwords.VerifyAsync(stored, password, request.Aborted)
                ? await changes.InPlatformAsync<T>(request, async (transaction, cancellation) =>
                    (await AccountLock.TakeAsync(transaction, ownerOf(used), with: null, cancellation))?.PasswordHash == stored
                        ? await ToldAsync(transaction, ownerOf(used), cancellation)
                        : ApiErrors.PasswordResetFailed)
                : null;

        async Task<Changed<T>> ToldAsync(DbTransaction transaction, AccountOwner of, CancellationToken cancellation) =>
            new(await showAsync(transaction, of.Id, cancellation)) { Stale = [.. (await tokens.EndedAsync(transaction, of.Type, of.Id, cancellation)).Select(CacheKeys.Token)] };

        IResult Refuse()
        {
            counted.Note(request.Audit with { Action = $"{ownerOf(Guid.Empty).Word}.password_reset_failed" }, BadToken, network);
            return ApiResult.Error(ApiErrors.PasswordResetFailed);
        }
    }

    private async Task<Stored?> FindAsync(AccountOwner owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Stored?>(new CommandDefinition(
            $"SELECT email, password_hash FROM {owner.Table} WHERE id = @Id", new { owner.Id }, cancellationToken: cancellationToken));
    }

    private sealed record Stored
    {
        public string Email { get; init; } = "";

        public string? PasswordHash { get; init; }
    }
}
