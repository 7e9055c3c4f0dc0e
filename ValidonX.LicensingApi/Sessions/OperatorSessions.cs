using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' logins: a bearer token for twelve hours, until logout.</summary>
internal sealed class OperatorSessions(
    PlatformDatabase platform,
    StateChanges changes,
    PasswordHasher passwords,
    AccessTokens tokens,
    CountedAudit counted,
    SignInMetrics metrics,
    TimeProvider time)
{
    private const string SubjectType = "token";

    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>Logs in. An unknown address costs the same work as a wrong password and gets the same answer.</summary>
    /// <param name="email">Whose account.</param>
    /// <param name="password">Its password, perhaps.</param>
    /// <param name="network">Where the attempt comes from.</param>
    /// <param name="request">The attempt.</param>
    /// <exception cref="ApiException">503: too many passwords are being checked.</exception>
    public async Task<IResult> LoginAsync(EmailAddress email, string password, string network, ChangeRequest<LoginAnswer> request)
    {
        var (admin, hash) = await FindAsync(email, request.Aborted);
        var ofAccount = request with { Audit = request.Audit with { ActorType = "operator", ActorId = admin?.Id.ToString() } };
        if (await VerifyAsync(hash, password, request.Aborted) && admin is not null)
        {
            var (result, isIssued) = await IssueAsync(admin, hash!, ofAccount);
            if (isIssued)
            {
                metrics.Count(SignInMetrics.Succeeded);
                return result;
            }
        }

        var reason = admin is null ? SignInMetrics.UnknownAccount : SignInMetrics.WrongPassword;
        metrics.Count(reason);
        counted.Note(ofAccount.Audit with { Action = "operator.login_failed" }, reason, network);
        return ApiResult.Error(ApiErrors.InvalidCredentials);
    }

    /// <summary>Ends a token everywhere. Ending it again changes nothing, and is announced again.</summary>
    public Task<IResult> LogoutAsync(Guid tokenId, ChangeRequest<Nothing> request) =>
        changes.InPlatformAsync(request, async (transaction, token) => new Changed<Nothing>(Nothing.Value)
        {
            Stale = [CacheKeys.Token(tokenId)],
            Event = await tokens.RevokeAsync(transaction, tokenId, token) ? request.Audit.About(SubjectType, tokenId) : null,
        });

    /// <summary>One operator, or <see langword="null"/>.</summary>
    public async Task<Operator?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Operator>(new CommandDefinition(
            $"SELECT {Operator.Columns} FROM admins WHERE id = @id",
            new { id },
            cancellationToken: cancellationToken));
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

    /// <summary>A token, unless the password was changed since it was checked: then the change has ended all tokens, and this must not outlive it.</summary>
    private async Task<(IResult Result, bool IsIssued)> IssueAsync(Operator admin, string hash, ChangeRequest<LoginAnswer> request)
    {
        var isIssued = false;
        var result = await changes.InPlatformAsync<LoginAnswer>(request, async (transaction, token) =>
        {
            var current = await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
                "SELECT password_hash FROM admins WHERE id = @Id FOR UPDATE",
                new { admin.Id },
                transaction,
                cancellationToken: token));
            isIssued = current == hash;
            if (!isIssued)
            {
                return ApiErrors.InvalidCredentials;
            }

            var now = time.GetUtcNow();
            var issued = await AccessTokens.IssueAsync(transaction, TokenOwners.Admin, admin.Id, Abilities.Admin, "login", now, now + Life, token);
            return new Changed<LoginAnswer>(new LoginAnswer(issued.Reveal(), admin)) { Event = request.Audit.About(SubjectType, issued.Id) };
        });
        return (result, isIssued);
    }

    private async Task<(Operator? Admin, string? Hash)> FindAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"SELECT {Operator.Columns} FROM admins WHERE email = @email; SELECT password_hash FROM admins WHERE email = @email",
            new { email = email.Value },
            cancellationToken: cancellationToken));
        return (await rows.ReadSingleOrDefaultAsync<Operator>(), await rows.ReadSingleOrDefaultAsync<string>());
    }
}
