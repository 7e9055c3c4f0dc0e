using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>A user whom the tenant's issuer vouches for.</summary>
/// <param name="Id">The user.</param>
/// <param name="Subject">Whom the issuer means.</param>
/// <param name="Name">What the issuer calls the user.</param>
/// <param name="Email">The address that the issuer has of the user. It is hearsay, and names no account.</param>
/// <param name="Role">What the user may do in the tenant; null for one who was removed, whom no token lets in again.</param>
/// <param name="CreatedAt">When the user first came.</param>
internal sealed record ShownSsoUser(
    Guid Id,
    [property: Example("248289761001")] string Subject,
    [property: Example("Ada Lovelace")] string Name,
    [property: Example("ada@acme.example")] string? Email,
    [property: Words("viewer", "developer", "admin", "owner")] string? Role,
    DateTimeOffset CreatedAt);

/// <summary>Who came by a tenant's single sign-on.</summary>
internal sealed class SsoUsers(PlatformDatabase platform, StateChanges changes, AccessTokens tokens)
{
    /// <summary>One page, newest first; also those who were removed.</summary>
    public async Task<(IReadOnlyList<ShownSsoUser> Items, string? NextCursor)> ListAsync(Guid tenantId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return page.Cut(
            (await connection.QueryAsync<ShownSsoUser>(new CommandDefinition(
                $"""
                SELECT u.id, s.subject, u.name, s.claimed_email AS email, m.role, s.created_at
                FROM sso_subjects s JOIN users u ON u.id = s.user_id LEFT JOIN tenant_users m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
                WHERE s.tenant_id = @tenantId {(page.Before is null ? "" : "AND s.user_id < @Before")}
                ORDER BY s.user_id DESC LIMIT @take
                """,
                new { tenantId, page.Before, take = page.Limit + 1 },
                cancellationToken: cancellationToken))).AsList(),
            user => user.Id);
    }

    /// <summary>
    /// Deletes such a user with all that is the user's. Whom the issuer means by the subject is nobody here any more, so that the next token makes a new user: the way to let somebody
    /// in again who was removed.
    /// </summary>
    public Task<IResult> ForgetAsync(Guid tenantId, Guid userId, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            await TenantQueries.LockAsync(transaction, tenantId, token);
            var subject = await transaction.Connection!.QuerySingleOrDefaultAsync<byte[]?>(new CommandDefinition(
                "SELECT subject_key FROM sso_subjects WHERE tenant_id = @tenantId AND user_id = @userId FOR UPDATE",
                new { tenantId, userId },
                transaction,
                cancellationToken: token));
            if (subject is null)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (await DeleteAccount.IsLastOwnerAsync(transaction, userId, token))
            {
                return DeleteAccount.LastOwner;
            }

            await tokens.RevokeAllAsync(transaction, TokenOwners.User, userId, except: null, token);
            var ended = await tokens.EndedAsync(transaction, TokenOwners.User, userId, token);
            await DeleteAsync(transaction, userId, token);
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, userId))
            {
                Stale = [CacheKeys.Subject(new SubjectKey(Convert.ToHexStringLower(subject))), CacheKeys.Memberships(userId), .. ended.Select(CacheKeys.Token)],
                Event = request.Audit.About("user", userId),
            };
        });

    private static async Task DeleteAsync(DbTransaction transaction, Guid userId, CancellationToken cancellationToken)
    {
        foreach (var rows in (string[])["sso_subjects WHERE user_id", "tenant_users WHERE user_id", $"personal_access_tokens WHERE owner_type = '{TokenOwners.User}' AND owner_id", "users WHERE id"])
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition($"DELETE FROM {rows} = @userId", new { userId }, transaction, cancellationToken: cancellationToken));
        }
    }
}
