using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>
/// Makes a new first API key and a new first token for the owner, for when the answer that showed them was lost. Those that were lost are revoked,
/// since nobody knows who has them.
/// </summary>
internal sealed class ReissueFirstKey(StateChanges changes, ApiKeyStore keys, FirstToken firstToken, AccessTokens tokens, TimeProvider time)
{
    /// <summary>Makes them, or says why not.</summary>
    public Task<IResult> ExecuteAsync(Guid tenantId, ChangeRequest<RevealedCredentials> request) =>
        changes.InPlatformAsync<RevealedCredentials>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            if (tenant.Status is not (TenantStatus.Active or TenantStatus.Suspended))
            {
                return ApiErrors.Conflict("Only a tenant in service or suspended can get another first key.");
            }

            if (await ReplaceAsync(transaction, tenantId, token) is not { } key)
            {
                return ApiErrors.Conflict("The tenant's provisioning has not made its API key yet.");
            }

            var (ownerId, issued) = await firstToken.ReplaceAsync(transaction, tenant, token);
            var ended = await tokens.EndedAsync(transaction, TokenOwners.User, ownerId, token);
            return new Changed<RevealedCredentials>(new RevealedCredentials(key.Key, issued.Reveal()))
            {
                // All keys of the tenant: an earlier reissue may have revoked one and died before it could say so.
                Stale = [Invalidation.OfTenant(tenantId), .. ended.Select(CacheKeys.Token)],
                Event = request.Audit.About("api_key", key.Id).Made(key, LicensingJson.Default.CreatedApiKey),
            };
        });

    /// <summary>Revokes the key that provisioning made, shown or not, and makes another in its place; <see langword="null"/> when there is none yet.</summary>
    private async Task<CreatedApiKey?> ReplaceAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var first = await connection.QuerySingleOrDefaultAsync<ApiKeyRow?>(new CommandDefinition(
            $"SELECT {ApiKeyRow.Columns} FROM api_keys WHERE tenant_id = @tenantId AND provisioned = 1 FOR UPDATE",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        if (first is null)
        {
            return null;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE api_keys SET status = 'revoked', revoked_at = COALESCE(revoked_at, @now), sealed_key = NULL, provisioned = NULL WHERE id = @Id
            """,
            new { first.Id, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        var made = await keys.InsertAsync(
            transaction, tenantId, new NewApiKey(first.Name, first.Scopes, first.AllowedIps, ExpiresAt: null), first, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE api_keys SET provisioned = 1 WHERE id = @Id",
            new { made.Id },
            transaction,
            cancellationToken: cancellationToken));
        return made;
    }
}
