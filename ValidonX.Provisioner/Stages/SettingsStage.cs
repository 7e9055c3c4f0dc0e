using Dapper;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 4: the tenant's settings, as they are until somebody changes them.</summary>
internal sealed class SettingsStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Settings)
{
    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var scope = await context.EnterScopeAsync(cancellationToken);
        await scope.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO settings (name, value, updated_at) VALUES
              ('locale', '"en"', @now),
              ('timezone', '"UTC"', @now)
            ON DUPLICATE KEY UPDATE name = name
            """,
            new { now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }
}
