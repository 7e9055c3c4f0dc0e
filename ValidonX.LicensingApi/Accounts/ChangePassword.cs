using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Callers;
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
    PlatformDatabase platform,
    PasswordHasher passwords,
    AccessTokens tokens,
    AuditLog auditLog,
    CountedAudit counted,
    ICoherence coherence,
    TimeProvider time)
{
    /// <summary>Changes it, or says why not.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="current">The password until now; a user who never had one needs none.</param>
    /// <param name="password">The password from now on.</param>
    /// <param name="audit">The call.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    /// <returns>Why not, or <see langword="null"/> when it is changed.</returns>
    public async Task<ApiError?> ExecuteAsync(Caller caller, string? current, string password, AuditEvent audit, CancellationToken cancellationToken)
    {
        var stored = await FindAsync(caller.Id, cancellationToken);
        if (stored is not null && current is null)
        {
            return ApiErrors.ValidationFailed("current_password", "Is required.");
        }

        // The new password in the place of the current one is a repetition, whose first call succeeded and was not answered.
        var isRepeated = false;
        if (stored is not null
            && !await passwords.VerifyAsync(stored, current!, cancellationToken)
            && !(isRepeated = await passwords.VerifyAsync(stored, password, cancellationToken)))
        {
            counted.Note(audit with { Action = "user.password_change_failed" }, SignInMetrics.WrongPassword, caller.Network);
            return ApiErrors.VerificationFailed;
        }

        var hash = isRepeated ? stored! : await passwords.HashAsync(password, cancellationToken);
        var ended = await platform.TransactAsync<Outcome<EndedTokens>>(
            async (transaction, token) =>
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
                    await auditLog.WriteAsync(transaction, audit with { SubjectType = "user", SubjectId = caller.Id.ToString() }, token);
                }

                await tokens.RevokeAllAsync(transaction, TokenOwners.User, caller.Id, caller.Context.TokenId, token);
                return new EndedTokens(await tokens.EndedAsync(transaction, TokenOwners.User, caller.Id, token));
            },
            cancellationToken);
        if (ended.Value is { } all)
        {
            await coherence.InvalidateAsync([.. all.Ids.Select(CacheKeys.Token)], CancellationToken.None);
        }

        return ended.Refusal;
    }

    private async Task<string?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT password_hash FROM users WHERE id = @userId",
            new { userId },
            cancellationToken: cancellationToken));
    }

    private sealed record EndedTokens(IReadOnlyList<Guid> Ids);
}
