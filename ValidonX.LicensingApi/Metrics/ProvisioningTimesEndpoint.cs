using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>How long sign-ups take, for operators.</summary>
internal static class ProvisioningTimesEndpoint
{
    public static void MapProvisioningTimes(this RouteGroupBuilder admin) =>
        admin.MapGet("/provisioning", async (ReadProvisioningTimes read, CancellationToken cancellationToken) =>
                ApiResult.Ok(await read.ExecuteAsync(cancellationToken), LicensingJson.Default.ProvisioningTimes))
            .WithTags("Metrics")
            .Is(new Operation("getProvisioningTimes", "Shows how long the newest sign-ups took, and their stages.", [Answers.Ok<ProvisioningTimes>()])
            {
                Description = "Counted from the sign-up until the tenant was in service; a run that an operator tried again counts from its beginning.",
            });
}
