using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
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
/// Changes a user's or an operator's password and ends all of the account's tokens but the one that asks. Whoever has the old password or another session is out,
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
    IOptions<OperatorOptions> operators,
    TimeProvider time)
{
    /// <summary>How long it is worth telling the owner of it.</summary>
    public static readonly TimeSpan NoticeLife = TimeSpan.FromDays(2);

    /// <summary>409: the next start would take the new one away again.</summary>
    public static ApiError IsConfigured { get; } = ApiErrors.Conflict("This account's password is the configured one (Operator:Password), and is changed there.");

    /// <summary>Changes it, or says why not.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="caller">The same, with the token that asks.</param>
    /// <param name="current">The password until now; a user who never had one needs none.</param>
    /// <param name="password">The password from now on.</param>
    /// <param name="request">The call.</param>
    public async Task<IResult> ExecuteAsync(AccountOwner owner, Caller caller, string? current, string password, ChangeRequest<Nothing> request)
    {
        if (await FindAsync(owner, request.Aborted) is not var (email, stored) || !EmailAddress.TryParse(email, out var address))
        {
            return ApiResult.Error(ApiErrors.Unauthenticated);
        }

        if (owner.Type == TokenOwners.Admin && operators.Value.Is(email))
        {
            return ApiResult.Error(IsConfigured);
        }

        if (Passwords.ProblemOf(password, address) is { } problem)
        {
            return ApiResult.Error(ApiErrors.ValidationFailed("password", problem));
        }

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
            counted.Note(request.Audit with { Action = $"{owner.Word}.password_change_failed" }, SignInMetrics.WrongPassword, caller.Network);
            return ApiResult.Error(ApiErrors.VerificationFailed);
        }

        var hash = isRepeated ? stored! : await passwords.HashAsync(password, request.Aborted);
        var result = await changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            if (await AccountLock.TakeAsync(transaction, owner, caller.Context.TokenId, token) is not { } account)
            {
                return ApiErrors.Unauthenticated;
            }

            if (account.PasswordHash != stored)
            {
                return ApiErrors.Conflict("The password was changed by another call meanwhile.");
            }

            if (!isRepeated)
            {
                var now = time.GetUtcNow();
                await NewPassword.StoreAsync(transaction, owner, hash, now, token);
                await Reauthentication.NoteAsync(transaction, caller.Context.TokenId, now, token);
                await outbox.WriteAsync(transaction, address, mails.PasswordChanged(), now + NoticeLife, isReal: true, token);
            }

            await tokens.RevokeAllAsync(transaction, owner.Type, owner.Id, caller.Context.TokenId, token);
            return new Changed<Nothing>(Nothing.Value)
            {
                Stale = [.. (await tokens.EndedAsync(transaction, owner.Type, owner.Id, token)).Select(CacheKeys.Token)],
                Event = isRepeated ? null : request.Audit.About(owner.Word, owner.Id).ChangedOnly("password"),
            };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    private async Task<(string Email, string? PasswordHash)?> FindAsync(AccountOwner owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<(string, string?)?>(new CommandDefinition(
            $"SELECT email, password_hash FROM {owner.Table} WHERE id = @Id", new { owner.Id }, cancellationToken: cancellationToken));
    }
}
