using System.Security.Cryptography;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Secrets;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 10: a webhook endpoint without a URL, disabled, whose signing secret is there before anything is sent.</summary>
internal sealed class WebhookPlaceholderStage(SecretSealer sealer, TimeProvider time) : ProvisioningStageStep(ProvisioningStages.WebhookPlaceholder)
{
    private const int SecretBytes = 32;

    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        var secret = "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
        var now = time.GetUtcNow();
        context.WriteWithOutcome(
            $"""
            INSERT INTO webhook_endpoints (id, tenant_id, url, status, events, sealed_secret, placeholder, created_at, updated_at)
            VALUES ({id}, {context.Tenant.Id}, NULL, 'disabled', '[]', {sealer.Seal(secret, SealedPurposes.WebhookSecret, id)}, 1, {now}, {now})
            ON DUPLICATE KEY UPDATE tenant_id = tenant_id
            """);
        return Task.CompletedTask;
    }
}
