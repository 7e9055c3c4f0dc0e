using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Settings;

/// <summary>A tenant's settings under <c>/v1/tenant/settings</c> (CONTRACT §6).</summary>
internal static class SettingsEndpoints
{
    public static void MapSettings(this RouteGroupBuilder tenant)
    {
        var settings = tenant.MapGroup("/settings").WithTags("Settings");
        settings.MapGet("/", GetAsync).TagsAnswers().Is("getSettings", "Shows the tenant's settings as they are in force.", Answers.Ok<TenantSettings>());
        settings.MapPatch("/", PatchAsync).For(Permissions.WriteSettings).Is(
            new Operation("changeSettings", "Changes settings of the tenant.", [Answers.Ok<TenantSettings>()])
            {
                Description = "What is absent stays; null is \"as the plan has it\". `If-Match` takes the `ETag` of the settings as they were seen, so that nobody undoes what somebody "
                    + "else has changed meanwhile.",
            });
    }

    private static async Task<IResult> GetAsync(Caller caller, SettingsStore store, CancellationToken cancellationToken) =>
        Show(await store.FindAsync(caller.Placement, caller.Context.TenantPlan ?? "", cancellationToken));

    private static Task<IResult> PatchAsync(HttpContext context, Caller caller, IfMatch seen, Body<SettingsChange> body, SettingsStore store) =>
        store.ChangeAsync(
            caller.Placement, caller.Context.TenantPlan ?? "", body.Value, seen, context.Change<TaggedSettings>("settings.changed", caller.Placement.TenantId, Show));

    private static IApiResult Show(TaggedSettings tagged) => ApiResult.Ok(tagged.Settings, LicensingJson.Default.TenantSettings).Tagged(tagged.Tag);
}
