using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' logins: a bearer token for twelve hours, until logout.</summary>
internal sealed class OperatorSessions(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    SecondFactors factors,
    CountedAudit counted,
    SignInMetrics metrics,
    TimeProvider time)
{
    private const string SubjectType = "token";

    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>Logs in. An unknown address costs the same work as a wrong password and gets the same answer.</summary>
    /// <param name="attempt">Whose account, and what proves it.</param>
    /// <param name="network">Where the attempt comes from.</param>
    /// <param name="request">The attempt.</param>
    /// <exception cref="ApiException">503: too many passwords are being checked.</exception>
    public async Task<IResult> LoginAsync(OperatorLogin attempt, string network, ChangeRequest<LoginAnswer> request)
    {
        var (admin, hash) = await FindAsync(attempt.Email, request.Aborted);
        var ofAccount = request with { Audit = request.Audit with { ActorType = "operator", ActorId = admin?.Id.ToString() } };
        if (await VerifyAsync(hash, attempt.Password, request.Aborted) && admin is not null)
        {
            var (result, refusal) = await IssueAsync(admin, hash!, attempt.Otp, ofAccount);
            if (refusal is null)
            {
                metrics.Count(SignInMetrics.Succeeded);
                return result;
            }

            return Refuse(refusal, refusal == ApiErrors.TwoFactorRequired ? SignInMetrics.NoCode : attempt.Otp is null ? SignInMetrics.WrongPassword : SignInMetrics.WrongCode);
        }

        return Refuse(ApiErrors.InvalidCredentials, admin is null ? SignInMetrics.UnknownAccount : hash is null ? SignInMetrics.Barred : SignInMetrics.WrongPassword);

        IResult Refuse(ApiError error, string reason)
        {
            metrics.Count(reason);
            counted.Note(ofAccount.Audit with { Action = "operator.login_failed" }, reason, network);
            return ApiResult.Error(error);
        }
    }

    /// <summary>Whether this is the password of an operator who is let in.</summary>
    /// <exception cref="ApiException">503: too many passwords are being checked.</exception>
    public async Task<bool> KnowsAsync(EmailAddress email, string password, CancellationToken cancellationToken) =>
        await VerifyAsync((await FindAsync(email, cancellationToken)).Hash, password, cancellationToken);

    /// <summary>A token for an operator who has proved to be one, in a transaction that has the operator's turn.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="id">The operator.</param>
    /// <param name="hasSecondFactor">Whether by two factors.</param>
    /// <param name="request">The attempt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Changed<LoginAnswer>> BeginAsync(
        DbTransaction transaction, Guid id, bool hasSecondFactor, ChangeRequest<LoginAnswer> request, CancellationToken cancellationToken) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<Operator>(new CommandDefinition(
            $"SELECT {Operator.Columns} FROM admins WHERE id = @id AND disabled_at IS NULL", new { id }, transaction, cancellationToken: cancellationToken)) is { } admin
            ? await BeginAsync(transaction, admin, hasSecondFactor, request, cancellationToken)
            : ApiErrors.InvalidCredentials;

    /// <summary>One operator, or <see langword="null"/>.</summary>
    public async Task<OperatorAnswer?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, id, cancellationToken);
    }

    /// <summary>One operator as a transaction sees it, or <see langword="null"/>.</summary>
    public static async Task<OperatorAnswer?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {Operator.Columns} FROM admins WHERE id = @id;
            SELECT COUNT(*) FROM two_factors WHERE owner_type = '{TokenOwners.Admin}' AND owner_id = @id AND confirmed_at IS NOT NULL
            """,
            new { id },
            transaction,
            cancellationToken: cancellationToken));
        return await rows.ReadSingleOrDefaultAsync<Operator>() is { } admin ? new OperatorAnswer(admin, await rows.ReadSingleAsync<long>() > 0) : null;
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

    /// <summary>
    /// A token, unless the second factor is missing, or the password was changed, or the operator disabled, since it was checked: then that has ended all tokens, and this must not outlive it.
    /// </summary>
    private async Task<(IResult Result, ApiError? Refusal)> IssueAsync(Operator admin, string hash, string? otp, ChangeRequest<LoginAnswer> request)
    {
        ApiError? refusal = null;
        var result = await changes.InPlatformAsync<LoginAnswer>(request, async (transaction, token) =>
        {
            var locked = await AccountLock.TakeAsync(transaction, AccountOwner.Operator(admin.Id), with: null, token);
            refusal = locked?.PasswordHash != hash ? ApiErrors.InvalidCredentials : await factors.CheckAsync(transaction, AccountOwner.Operator(admin.Id), otp, token);
            if (refusal is not null)
            {
                return refusal;
            }

            return await BeginAsync(transaction, admin, otp is not null, request, token);
        });
        return (result, refusal);
    }

    private async Task<Changed<LoginAnswer>> BeginAsync(
        DbTransaction transaction, Operator admin, bool hasSecondFactor, ChangeRequest<LoginAnswer> request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE admins SET last_signed_in_at = @now WHERE id = @Id", new { now, admin.Id }, transaction, cancellationToken: cancellationToken));
        var issued = await AccessTokens.IssueAsync(transaction, TokenOwners.Admin, admin.Id, Abilities.Admin, "login", now, now + Life, cancellationToken);
        return new Changed<LoginAnswer>(new LoginAnswer(issued.Reveal(), admin))
        {
            Event = request.Audit.About(SubjectType, issued.Id).Made(new SessionState(hasSecondFactor), LicensingJson.Default.SessionState),
        };
    }

    private async Task<(Operator? Admin, string? Hash)> FindAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"SELECT {Operator.Columns} FROM admins WHERE email = @email; SELECT password_hash FROM admins WHERE email = @email AND disabled_at IS NULL",
            new { email = email.Value },
            cancellationToken: cancellationToken));
        return (await rows.ReadSingleOrDefaultAsync<Operator>(), await rows.ReadSingleOrDefaultAsync<string>());
    }
}
