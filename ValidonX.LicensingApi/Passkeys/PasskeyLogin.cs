using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Challenges;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>
/// Logins of users and operators by a passkey, which says itself whose it is. It verifies the person, so no second factor is asked for beside it.
/// </summary>
internal sealed class PasskeyLogin(
    StateChanges changes, PasskeyCeremonies ceremonies, UserSessions sessions, OperatorSessions operators, CountedAudit counted, SignInMetrics metrics, TimeProvider time)
{
    /// <summary>The one refusal, whatever is wrong.</summary>
    public static ApiError Refused { get; } =
        ApiErrors.InvalidCredentials with { Message = "The passkey is unknown, or its answer does not fit the question, which may be too old or answered already." };

    /// <summary>Logs a user in.</summary>
    public Task<IResult> UserAsync(PasskeySignIn attempt, string network, ChangeRequest<UserLoginAnswer> request) =>
        LogInAsync(attempt, TokenOwners.User, network, request, async (transaction, owner, token) =>
        {
            if (await User.FindAsync(transaction.Connection!, transaction, owner.Id, token) is not { EmailVerifiedAt: not null } user)
            {
                return Refused;
            }

            var (session, stale) = await sessions.BeginAsync(transaction, owner.Id, token);
            var tenants = await Memberships.AllAsync(transaction.Connection!, transaction, owner.Id, token);
            return new Changed<UserLoginAnswer>(new UserLoginAnswer(session.Reveal(), user.Show(), tenants))
            {
                Stale = stale,
                Event = request.Audit.About("token", session.Id).Made(new SessionState(TwoFactor: true), LicensingJson.Default.SessionState),
            };
        });

    /// <summary>Logs an operator in.</summary>
    public Task<IResult> OperatorAsync(PasskeySignIn attempt, string network, ChangeRequest<LoginAnswer> request) =>
        LogInAsync(attempt, TokenOwners.Admin, network, request, (transaction, owner, token) => operators.BeginAsync(transaction, owner.Id, hasSecondFactor: true, request, token));

    private async Task<IResult> LogInAsync<T>(
        PasskeySignIn attempt,
        string ownerType,
        string network,
        ChangeRequest<T> request,
        Func<DbTransaction, AccountOwner, CancellationToken, Task<Changed<T>>> begin)
        where T : class
    {
        var actor = ownerType == TokenOwners.User ? "user" : "operator";
        if (ceremonies.Open(attempt.Ceremony, ownerType, Guid.Empty) is not { } begun || PasskeyCeremonies.Read(attempt.Credential) is not { } response)
        {
            return Refuse("bad_ceremony", null);
        }

        (string Reason, Guid? Owner)? refused = null;
        var result = await changes.InPlatformAsync<T>(request, async (transaction, token) =>
        {
            refused = null;
            if (await LockAsync(transaction, ownerType, PasskeyRow.HashOf(response.RawId), token) is not { } passkey)
            {
                return No("unknown_passkey", null);
            }

            var (verified, isCopy) = await ceremonies.CheckAsync(begun, response, passkey, token);
            if (verified is null)
            {
                refused = (isCopy ? "counter_regressed" : "bad_passkey", passkey.OwnerId);
                return new Changed<T>(Refused)
                {
                    // Two hold the same passkey, of which one is a copy: that is told one by one.
                    Event = isCopy ? Of(passkey, $"{actor}.passkey_copied").About("passkey", passkey.Id) : null,
                };
            }

            if (!await UsedChallenges.TakeAsync(transaction, begun.Challenge, begun.ExpiresAt, token))
            {
                return No("used_challenge", passkey.OwnerId);
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE passkeys SET sign_count = @SignCount, is_backed_up = @IsBackedUp, last_used_at = @now WHERE id = @Id",
                new { SignCount = (long)verified.SignCount, verified.IsBackedUp, now = time.GetUtcNow(), passkey.Id },
                transaction,
                cancellationToken: token));
            var changed = await begin(transaction, passkey.Owner, token);
            return changed.Outcome.Refusal is null
                ? changed with { Event = changed.Event! with { ActorType = actor, ActorId = passkey.OwnerId.ToString() } }
                : No("no_account", passkey.OwnerId);

            Changed<T> No(string reason, Guid? owner)
            {
                refused = (reason, owner);
                return Refused;
            }
        });
        if (refused is var (reason, owner))
        {
            return Refuse(reason, owner);
        }

        metrics.Count(SignInMetrics.Succeeded);
        return result;

        AuditEvent Of(PasskeyRow passkey, string action) => request.Audit with { Action = action, ActorType = actor, ActorId = passkey.OwnerId.ToString() };

        IResult Refuse(string reason, Guid? owner)
        {
            metrics.Count(SignInMetrics.NotConfirmed);
            counted.Note(request.Audit with { Action = $"{actor}.login_failed", ActorType = actor, ActorId = owner?.ToString() }, reason, network);
            return ApiResult.Error(Refused);
        }
    }

    /// <summary>The passkey, after its account's turn was taken: the same order as everywhere.</summary>
    private static async Task<PasskeyRow?> LockAsync(DbTransaction transaction, string ownerType, byte[] hash, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var owner = await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT owner_id FROM passkeys WHERE credential_hash = @hash AND owner_type = @ownerType", new { hash, ownerType }, transaction, cancellationToken: cancellationToken));
        return owner is not { } id || await ProvenAccount.LockAsync(transaction, new AccountOwner(ownerType, id), cancellationToken) is null
            ? null
            : await connection.QuerySingleOrDefaultAsync<PasskeyRow?>(new CommandDefinition(
                $"SELECT {PasskeyRow.Columns} FROM passkeys WHERE credential_hash = @hash AND owner_type = @ownerType FOR UPDATE",
                new { hash, ownerType },
                transaction,
                cancellationToken: cancellationToken));
    }
}
