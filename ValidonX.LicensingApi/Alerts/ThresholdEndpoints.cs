using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>From when on something is an alert: of a tenant and of a plan, for operators.</summary>
internal static class ThresholdEndpoints
{
    private const string Description = "What is null here is taken from the plan, and what is null there from the platform's configuration. In force from the next look on, within seconds.";

    private const string Effective = "What the platform is configured with is told as the provisioner knew it that judged last.";

    public static void MapAlertThresholds(this RouteGroupBuilder admin)
    {
        admin.MapGet("/tenants/{id}/alert-thresholds", async (PathId id, ThresholdStore thresholds, CancellationToken cancellationToken) =>
                await thresholds.OfTenantAsync(id, cancellationToken) is { } found ? Show(found) : ApiResult.Error(ApiErrors.TenantNotFound))
            .WithTags("Alerts")
            .Is("getTenantAlertThresholds", "Shows a tenant's own thresholds of alerts.", Answers.Ok<AlertThresholds>(), ApiErrors.TenantNotFound);
        admin.MapPut("/tenants/{id}/alert-thresholds", (HttpContext context, PathId id, Body<AlertThresholds> body, ThresholdStore thresholds) =>
                thresholds.ReplaceOfTenantAsync(id, body.Value, context.Change<AlertThresholds>("tenant.alert_thresholds_changed", id, Show)))
            .WithTags("Alerts")
            .Is(new Operation("replaceTenantAlertThresholds", "Replaces a tenant's own thresholds of alerts.", [Answers.Ok<AlertThresholds>()])
            {
                Description = Description,
                Errors = [ApiErrors.TenantNotFound],
            });
        admin.MapGet("/tenants/{id}/alert-thresholds/effective", async (PathId id, ThresholdStore thresholds, CancellationToken cancellationToken) =>
                await thresholds.InForceOfTenantAsync(id, cancellationToken) is { } found ? Show(found) : ApiResult.Error(ApiErrors.TenantNotFound))
            .WithTags("Alerts")
            .Is(new Operation("getEffectiveTenantAlertThresholds", "Shows the thresholds by which a tenant is judged, and who says so.", [Answers.Ok<EffectiveThresholds>()])
            {
                Description = Effective,
                Errors = [ApiErrors.TenantNotFound],
            });
        admin.MapGet("/plans/{code}/alert-thresholds", async (string code, ThresholdStore thresholds, CancellationToken cancellationToken) =>
                await thresholds.OfPlanAsync(code, cancellationToken) is { } found ? Show(found) : ApiResult.Error(ApiErrors.ResourceNotFound))
            .WithTags("Alerts")
            .Is("getPlanAlertThresholds", "Shows a plan's thresholds of alerts.", Answers.Ok<AlertThresholds>(), ApiErrors.ResourceNotFound);
        admin.MapGet("/plans/{code}/alert-thresholds/effective", async (string code, ThresholdStore thresholds, CancellationToken cancellationToken) =>
                await thresholds.InForceOfPlanAsync(code, cancellationToken) is { } found ? Show(found) : ApiResult.Error(ApiErrors.ResourceNotFound))
            .WithTags("Alerts")
            .Is(new Operation("getEffectivePlanAlertThresholds", "Shows the thresholds by which the tenants of a plan are judged that have none of their own, and who says so.", [Answers.Ok<EffectiveThresholds>()])
            {
                Description = Effective,
                Errors = [ApiErrors.ResourceNotFound],
            });
        admin.MapPut("/plans/{code}/alert-thresholds", (HttpContext context, string code, Body<AlertThresholds> body, ThresholdStore thresholds) =>
                thresholds.ReplaceOfPlanAsync(code, body.Value, context.Change<AlertThresholds>("plan.alert_thresholds_changed", null, Show)))
            .WithTags("Alerts")
            .Is(new Operation("replacePlanAlertThresholds", "Replaces a plan's thresholds of alerts.", [Answers.Ok<AlertThresholds>()])
            {
                Description = Description,
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    private static IApiResult Show(EffectiveThresholds thresholds) => ApiResult.Ok(thresholds, LicensingJson.Default.EffectiveThresholds);

    private static IApiResult Show(AlertThresholds thresholds) => ApiResult.Ok(thresholds, LicensingJson.Default.AlertThresholds);
}
