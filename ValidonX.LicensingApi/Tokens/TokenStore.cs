using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tenants;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Tokens;

/// <summary>What a new token is to be.</summary>
internal sealed record NewToken(string Name, DateTimeOffset ExpiresAt);

/// <summary>Users' bearer tokens. When one is ended, no gateway takes it any more by the time that the call returns.</summary>
internal sealed class TokenStore(PlatformDatabase platform, StateChanges changes, AccessTokens tokens, TimeProvider time)
{
    /// <summary>Tokens of one user that may be valid at a time.</summary>
    private const int MaximumTokens = 100;

    private const string SubjectType = "token";

    /// <summary>One page of the valid ones, newest first.</summary>
    public async Task<(IReadOnlyList<TokenRow> Items, string? NextCursor)> ListAsync(TokenScope scope, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<TokenRow>(new CommandDefinition(
            $"""
            SELECT {TokenRow.Columns} FROM personal_access_tokens
            WHERE owner_type = '{TokenOwners.User}' AND {scope.Condition} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)
              {page.AndOlder()}
            ORDER BY id DESC LIMIT @take
            """,
            new { scope = scope.Id, page.Before, take = page.Limit + 1, now = time.GetUtcNow() },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>Makes a token for the user who asks for it.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="with">The token that the user asks with; when it has been ended meanwhile, nothing comes of it.</param>
    /// <param name="created">What it is to be.</param>
    /// <param name="request">Who asks.</param>
    public Task<IResult> CreateAsync(Guid userId, Guid? with, NewToken created, ChangeRequest<CreatedToken> request) =>
        changes.InPlatformAsync<CreatedToken>(request, async (transaction, token) =>
            await AccountLock.TakeAsync(transaction, AccountOwner.User(userId), with, token) is null
                ? ApiErrors.Unauthenticated
                : await IssueAsync(transaction, userId, created, request, token));

    /// <summary>Makes a token for a member of a tenant.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="userId">The member; <see langword="null"/> is the tenant's first owner.</param>
    /// <param name="created">What it is to be.</param>
    /// <param name="request">Who asks.</param>
    public Task<IResult> CreateForMemberAsync(Guid tenantId, Guid? userId, NewToken created, ChangeRequest<CreatedToken> request) =>
        changes.InPlatformAsync<CreatedToken>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is null)
            {
                return ApiErrors.TenantNotFound;
            }

            if (await TenantMembers.FindAsync(transaction, tenantId, userId, token) is not { } member)
            {
                return ApiErrors.ValidationFailed("user_id", "Is not a member of this tenant.");
            }

            await AccountLock.TakeAsync(transaction, AccountOwner.User(member), with: null, token);
            return await IssueAsync(transaction, member, created, request, token);
        });

    /// <summary>Ends a token. Ending it again changes nothing, and is announced again: the first call may have died before it could.</summary>
    public Task<IResult> RevokeAsync(TokenScope scope, Guid id, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            var isThere = await transaction.Connection!.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
                $"""
                SELECT 1 FROM personal_access_tokens
                WHERE id = @id AND owner_type = '{TokenOwners.User}' AND {scope.Condition} FOR UPDATE
                """,
                new { id, scope = scope.Id },
                transaction,
                cancellationToken: token)) is not null;
            if (!isThere)
            {
                return ApiErrors.ResourceNotFound;
            }

            return new Changed<DeletedAnswer>(new DeletedAnswer(true, id))
            {
                Stale = [CacheKeys.Token(id)],
                Event = await tokens.RevokeAsync(transaction, id, token)
                    ? request.Audit.About(SubjectType, id).Moved("revoked", false, true)
                    : null,
            };
        });

    private async Task<Changed<CreatedToken>> IssueAsync(
        DbTransaction transaction, Guid userId, NewToken created, ChangeRequest<CreatedToken> request, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var valid = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            $"""
            SELECT COUNT(*) FROM personal_access_tokens
            WHERE owner_type = '{TokenOwners.User}' AND owner_id = @userId AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)
            """,
            new { userId, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        if (valid >= MaximumTokens)
        {
            return ApiErrors.Conflict($"The user has {MaximumTokens} valid tokens; end one first.");
        }

        var issued = await AccessTokens.IssueAsync(
            transaction, TokenOwners.User, userId, Abilities.Tenant, created.Name, time.GetUtcNow(), created.ExpiresAt, cancellationToken);
        var row = await connection.QuerySingleAsync<TokenRow>(new CommandDefinition(
            $"SELECT {TokenRow.Columns} FROM personal_access_tokens WHERE id = @Id",
            new { issued.Id },
            transaction,
            cancellationToken: cancellationToken));
        return new Changed<CreatedToken>(row.ShowOnce(issued.Reveal()))
        {
            Event = request.Audit.About(SubjectType, issued.Id).Made(row.Show(), LicensingJson.Default.ShownToken),
        };
    }
}
