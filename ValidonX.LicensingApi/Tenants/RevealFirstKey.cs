using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>
/// Shows the API key that provisioning made, with a token for the owner, exactly once: who takes the sealed key out of its row, under
/// the row's lock, is the only one who ever has it.
/// </summary>
internal sealed class RevealFirstKey(StateChanges changes, SecretSealer sealer, FirstToken firstToken)
{
    /// <summary>Takes it, or says why not.</summary>
    public Task<IResult> ExecuteAsync(Guid tenantId, ChangeRequest<RevealedCredentials> request) =>
        changes.InPlatformAsync<RevealedCredentials>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var connection = transaction.Connection!;
            var key = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                "SELECT id, sealed_key FROM api_keys WHERE tenant_id = @tenantId AND provisioned = 1 FOR UPDATE",
                new { tenantId },
                transaction,
                cancellationToken: token));
            if (key?.SealedKey is not { } sealedKey)
            {
                return ApiErrors.Conflict(
                    key is null ? "The tenant's provisioning has not made its API key yet." : "The API key has been shown already.");
            }

            var text = sealer.Open(sealedKey, SealedPurposes.ApiKey, key.Id);
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE api_keys SET sealed_key = NULL WHERE id = @Id",
                new { key.Id },
                transaction,
                cancellationToken: token));
            var (_, issued) = await firstToken.ReplaceAsync(transaction, tenant, token);
            return new Changed<RevealedCredentials>(new RevealedCredentials(text, issued.Reveal())) { Event = request.Audit.About("api_key", key.Id).Moved("revealed", false, true) };
        });

    private sealed class Row
    {
        public Guid Id { get; init; }

        public byte[]? SealedKey { get; init; }
    }
}
