using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Changes a user's password and ends all of the user's tokens but the one that asks. Whoever has the old password or another session is out,
/// everywhere, when the call returns.
/// </summary>
internal sealed class ChangePassword(
    PlatformDatabase platform, StateChanges changes, PasswordHasher passwords, AccessTokens tokens, CountedAudit counted, TimeProvider time)
{
    /// <summary>Changes it, or says why not.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="current">The password until now; a user who never had one needs none.</param>
    /// <param name="password">The password from now on.</param>
    /// <param name="request">The call.</param>
    public async Task<IResult> ExecuteAsync(Caller caller, string? current, string password, ChangeRequest<Nothing> request)
    {
        var stored = await FindAsync(caller.Id, request.Aborted);
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
        return await changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
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
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE users SET password_hash = @hash, updated_at = @now WHERE id = @Id",
                    new { hash, now = time.GetUtcNow(), caller.Id },
                    transaction,
                    cancellationToken: token));
            }

            await tokens.RevokeAllAsync(transaction, TokenOwners.User, caller.Id, caller.Context.TokenId, token);
            return new Changed<Nothing>(Nothing.Value)
            {
                Stale = [.. (await tokens.EndedAsync(transaction, TokenOwners.User, caller.Id, token)).Select(CacheKeys.Token)],
                Event = isRepeated ? null : request.Audit.About("user", caller.Id),
            };
        });
    }

    private async Task<string?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT password_hash FROM users WHERE id = @userId",
            new { userId },
            cancellationToken: cancellationToken));
    }
}
