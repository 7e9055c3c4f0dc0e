using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>Users' logins.</summary>
internal sealed class UserLogin(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    UserSessions sessions,
    SecondFactors factors,
    CountedAudit counted,
    SignInMetrics metrics,
    TimeProvider time)
{
    /// <summary>
    /// Logs in. An unknown address costs the same statements and the same hash as a wrong password and gets the same answer; that an address still has to be proved is
    /// told only to who knows the password.
    /// </summary>
    /// <param name="attempt">Whose account, and what proves it.</param>
    /// <param name="network">Where the attempt comes from.</param>
    /// <param name="request">The attempt.</param>
    /// <exception cref="ApiException">503: too many passwords are being checked.</exception>
    public async Task<IResult> ExecuteAsync(UserCredentials attempt, string network, ChangeRequest<UserLoginAnswer> request)
    {
        var (user, pendingHash) = await FindAsync(attempt.Email, request.Aborted);
        var hash = user is null ? pendingHash : user.PasswordHash;
        var ofAccount = request with { Audit = request.Audit with { ActorType = "user", ActorId = user?.Id.ToString() } };
        if (!await VerifyAsync(hash, attempt.Password, request.Aborted))
        {
            return Refuse(ApiErrors.InvalidCredentials, hash is null ? SignInMetrics.UnknownAccount : SignInMetrics.WrongPassword);
        }

        if (user?.EmailVerifiedAt is null)
        {
            return Refuse(ApiErrors.EmailNotVerified, SignInMetrics.Unverified);
        }

        var refusal = (Error: (ApiError?)null, Reason: "");
        var result = await changes.InPlatformAsync<UserLoginAnswer>(ofAccount, async (transaction, token) =>
        {
            refusal = await RefusalAsync(transaction, user, attempt, token);
            return refusal.Error is { } error ? error : await BeginAsync(transaction, user, ofAccount, token);
        });
        if (refusal.Error is { } refused)
        {
            return Refuse(refused, refusal.Reason);
        }

        metrics.Count(SignInMetrics.Succeeded);
        return result;

        IResult Refuse(ApiError error, string reason)
        {
            metrics.Count(reason);
            counted.Note(ofAccount.Audit with { Action = "user.login_failed" }, reason, network);
            return ApiResult.Error(error);
        }
    }

    /// <summary>What bars the login although the password was right a moment ago.</summary>
    private async Task<(ApiError? Error, string Reason)> RefusalAsync(DbTransaction transaction, User user, UserCredentials attempt, CancellationToken cancellationToken)
    {
        // A password that was changed meanwhile has ended all tokens, and this one must not outlive it.
        var locked = await AccountLock.TakeAsync(transaction, AccountOwner.User(user.Id), with: null, cancellationToken);
        return locked?.PasswordHash != user.PasswordHash
            ? (ApiErrors.InvalidCredentials, SignInMetrics.WrongPassword)
            : (await factors.CheckAsync(transaction, AccountOwner.User(user.Id), attempt.Otp, cancellationToken), attempt.Otp is null ? SignInMetrics.NoCode : SignInMetrics.WrongCode);
    }

    private async Task<Changed<UserLoginAnswer>> BeginAsync(
        DbTransaction transaction, User user, ChangeRequest<UserLoginAnswer> request, CancellationToken cancellationToken)
    {
        var (session, stale) = await sessions.BeginAsync(transaction, user.Id, cancellationToken);
        var tenants = await Memberships.AllAsync(transaction.Connection!, transaction, user.Id, cancellationToken);
        return new Changed<UserLoginAnswer>(new UserLoginAnswer(session.Reveal(), user.Show(), tenants))
        {
            Stale = stale,
            Event = request.Audit.About("token", session.Id).Made(new SessionState(user.HasTwoFactor), LicensingJson.Default.SessionState),
        };
    }

    private async Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        try
        {
            return await passwords.VerifyAsync(hash, password, cancellationToken);
        }
        catch (ApiException)
        {
            metrics.Count(SignInMetrics.Busy);
            throw;
        }
    }

    private async Task<(User? User, string? PendingHash)> FindAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var user = await User.FindAsync(connection, email.Value, cancellationToken);
        var pending = await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT password_hash FROM registrations WHERE email = @Value AND expires_at > @now ORDER BY id DESC LIMIT 1",
            new { email.Value, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        return (user, pending);
    }
}
