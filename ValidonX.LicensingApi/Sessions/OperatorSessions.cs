using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' logins: a bearer token for twelve hours, until logout.</summary>
internal sealed class OperatorSessions(
    PlatformDatabase platform,
    PasswordHasher passwords,
    AccessTokens tokens,
    AuditLog auditLog,
    CountedAudit counted,
    SignInMetrics metrics,
    ICoherence coherence,
    TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>Logs in. An unknown address costs the same work as a wrong password and gets the same answer.</summary>
    /// <param name="email">Whose account.</param>
    /// <param name="password">Its password, perhaps.</param>
    /// <param name="audit">The attempt.</param>
    /// <param name="network">Where it comes from.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    /// <exception cref="ApiException">503: too many passwords are being checked.</exception>
    public async Task<Outcome<LoginAnswer>> LoginAsync(
        EmailAddress email, string password, AuditEvent audit, string network, CancellationToken cancellationToken)
    {
        var (admin, hash) = await FindAsync(email, cancellationToken);
        var ofAccount = audit with { ActorType = "operator", ActorId = admin?.Id.ToString() };
        if (await VerifyAsync(hash, password, cancellationToken)
            && admin is not null
            && await IssueAsync(admin, hash!, ofAccount, cancellationToken) is { } issued)
        {
            metrics.Count(SignInMetrics.Succeeded);
            return new LoginAnswer(issued.Reveal(), admin);
        }

        var reason = admin is null ? SignInMetrics.UnknownAccount : SignInMetrics.WrongPassword;
        metrics.Count(reason);
        counted.Note(ofAccount with { Action = "operator.login_failed" }, reason, network);
        return ApiErrors.InvalidCredentials;
    }

    /// <summary>Ends a token everywhere.</summary>
    public async Task LogoutAsync(Guid tokenId, AuditEvent audit, CancellationToken cancellationToken)
    {
        await platform.TransactAsync(
            async (transaction, token) =>
            {
                await tokens.RevokeAsync(transaction, tokenId, token);
                await auditLog.WriteAsync(transaction, audit with { SubjectType = "token", SubjectId = tokenId.ToString() }, token);
            },
            cancellationToken);
        await coherence.InvalidateAsync([CacheKeys.Token(tokenId)], CancellationToken.None);
    }

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
    private Task<AccessToken?> IssueAsync(Operator admin, string hash, AuditEvent audit, CancellationToken cancellationToken) =>
        platform.TransactAsync<AccessToken?>(
            async (transaction, token) =>
            {
                var current = await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
                    "SELECT password_hash FROM admins WHERE id = @Id FOR UPDATE",
                    new { admin.Id },
                    transaction,
                    cancellationToken: token));
                if (current != hash)
                {
                    return null;
                }

                var now = time.GetUtcNow();
                var issued = await AccessTokens.IssueAsync(transaction, TokenOwners.Admin, admin.Id, Abilities.Admin, "login", now, now + Life, token);
                await auditLog.WriteAsync(transaction, audit with { SubjectType = "token", SubjectId = issued.Id.ToString() }, token);
                return issued;
            },
            cancellationToken);

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
