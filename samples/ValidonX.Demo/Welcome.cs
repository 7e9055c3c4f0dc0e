using System.Text;

namespace ValidonX.Demo;

/// <summary>What a developer reads when the stack is up: where it is, who may log in, and three calls to paste.</summary>
internal static class Welcome
{
    /// <summary>The text.</summary>
    public static string Compose(string gateway, string? portal, string? baseDomain, string email, string password, IReadOnlyList<Credentials> tenants)
    {
        var text = new StringBuilder();
        text.AppendLine();
        text.AppendLine("ValidonX is up.");
        text.AppendLine();
        // The host puts its dashboard's link in when it prints the text.
        text.AppendLine("  Dashboard  {dashboard}");
        text.AppendLine($"  Gateway    {gateway}");
        if (portal is not null)
        {
            text.AppendLine($"  Portal     {portal}");
        }

        text.AppendLine($"  Operator   {email}   password {password}");
        foreach (var tenant in tenants)
        {
            text.AppendLine();
            text.AppendLine($"  {tenant.Name} ({tenant.Plan})   tenant {tenant.TenantId}");
            text.AppendLine($"    API key  {tenant.ApiKey}");
            text.AppendLine($"    token    {tenant.BearerToken}");
            if (portal is not null && baseDomain is { Length: > 0 })
            {
                text.AppendLine($"    its customers' page  {new UriBuilder(portal) { Host = $"{tenant.Slug}.{baseDomain}" }.Uri}");
            }
        }

        if (tenants.Count > 0)
        {
            var first = tenants[0];
            var key = $"-H 'X-API-Key: {first.ApiKey}'";
            text.AppendLine();
            text.AppendLine("Try it: validate a license, activate a device, check entitlements.");
            text.AppendLine();
            text.AppendLine($"curl -s -X POST {key} {gateway}/v1/integration/licenses/NWCAD-DRAFTER-DEMO-0001/validate");
            text.AppendLine($"curl -s {key} -H 'Content-Type: application/json' -d '{{\"license_key\":\"NWCAD-DRAFTER-DEMO-0001\",\"instance_id\":\"my-laptop\"}}' {gateway}/v1/integration/activations");
            text.AppendLine($"curl -s {key} -H 'Content-Type: application/json' -d '{{\"license_key\":\"NWCAD-DRAFTER-DEMO-0001\",\"features\":[\"export.dwg\",\"layers.max\"]}}' {gateway}/v1/integration/entitlements/check");
        }

        return text.ToString();
    }
}
