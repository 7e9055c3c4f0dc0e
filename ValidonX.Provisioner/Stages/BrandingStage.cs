using System.Text.Json;
using Dapper;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 8: how the tenant's pages look until it says otherwise: its name and a neutral color.</summary>
internal sealed class BrandingStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Branding)
{
    private const string NeutralColor = "#2563eb";

    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var scope = await context.EnterScopeAsync(cancellationToken);
        await scope.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO branding (name, value, updated_at) VALUES
              ('display_name', @name, @now),
              ('primary_color', @color, @now)
            ON DUPLICATE KEY UPDATE name = name
            """,
            new { name = Json(context.Tenant.Name), color = Json(NeutralColor), now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
