using ValidonX.Platform.Keys;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Secrets;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>
/// Stage 9: the tenant's first API key. It is kept encrypted until its owner reveals it, once. A tenant has one such key, however often
/// the stage runs: the first that was committed.
/// </summary>
internal sealed class ApiKeyStage(ApiKeyHasher hasher, SecretSealer sealer, TimeProvider time) : ProvisioningStageStep(ProvisioningStages.ApiKey)
{
    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var key = ApiKeyText.Create();
        var id = Guid.CreateVersion7();
        context.WriteWithOutcome(
            $"""
            INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, sealed_key, scopes, allowed_ips, status, provisioned, created_at)
            VALUES ({id}, {context.Tenant.Id}, 'First key', {hasher.Hash(key)}, {key[^4..]}, {sealer.Seal(key, SealedPurposes.ApiKey, id)},
              '[]', '[]', 'active', 1, {time.GetUtcNow()})
            ON DUPLICATE KEY UPDATE tenant_id = tenant_id
            """);
        return Task.CompletedTask;
    }
}
