using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' logins: a bearer token for twelve hours, until logout.</summary>
internal sealed class OperatorSessions(PlatformDatabase platform, PasswordHasher passwords, AccessTokens tokens, AuditLog auditLog, ICoherence coherence)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>Logs in. An unknown address costs the same work as a wrong password and gets the same answer.</summary>
    public async Task<Outcome<LoginAnswer>> LoginAsync(EmailAddress email, string password, AuditEvent audit, CancellationToken cancellationToken)
    {
        var (admin, hash) = await FindAsync(email, cancellationToken);
        if (!passwords.Verify(hash, password) || admin is null)
        {
            return ApiErrors.InvalidCredentials;
        }

        return await platform.TransactAsync(
            async (transaction, token) =>
            {
                var issued = await tokens.IssueAsync(transaction, TokenOwners.Admin, admin.Id, Abilities.Admin, "login", Life, token);
                await auditLog.WriteAsync(transaction, audit with { ActorType = "operator", ActorId = admin.Id.ToString() }, token);
                return new LoginAnswer(issued.Reveal(), admin);
            },
            cancellationToken);
    }

    /// <summary>Ends a token everywhere.</summary>
    public async Task LogoutAsync(Guid tokenId, CancellationToken cancellationToken)
    {
        await platform.TransactAsync((transaction, token) => tokens.RevokeAsync(transaction, tokenId, token), cancellationToken);
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
