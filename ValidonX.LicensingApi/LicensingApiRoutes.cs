using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.Products;
using ValidonX.LicensingApi.Resolution;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.Tenants;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.Usage;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi;

/// <summary>The pipeline and the routes, by who may call them.</summary>
internal static class LicensingApiRoutes
{
    /// <summary>What every request passes: errors become envelopes, the route is found, the caller is verified, repetitions are caught.</summary>
    public static WebApplication UseLicensingApi(this WebApplication app)
    {
        app.UseApiErrors(app.Logger);
        app.UseRouting();
        app.UseMiddleware<CallerMiddleware>();
        app.UseMiddleware<IdempotencyMiddleware>();
        return app;
    }

    /// <summary>Every route (CONTRACT §3, §6).</summary>
    public static WebApplication MapLicensingApi(this WebApplication app)
    {
        var api = app.MapGroup("").JudgedByTheGateway();
        api.MapSessions();
        api.MapPlans();

        var integration = api.MapGroup("/v1/integration").For(CallerRequirement.ApiKey);
        integration.MapLicenseValidation();
        integration.MapActivations();
        integration.MapEntitlements();
        integration.MapUsage();
        integration.MapResolution();

        var tenant = api.MapGroup("/v1/tenant").For(CallerRequirement.User(TenantRole.Viewer)).AcceptIdempotencyKey();
        tenant.MapProducts();
        tenant.MapLicenses();
        tenant.MapTenantActivations();
        tenant.MapApiKeys();

        var account = api.MapGroup("/v1/account").For(CallerRequirement.Account).AcceptIdempotencyKey();
        account.MapOwnTokens();
        account.MapPassword();

        var admin = api.MapGroup("/v1/admin").For(CallerRequirement.Operator).AcceptIdempotencyKey();
        admin.MapTenants();
        return app;
    }

    private static void MapEntitlements(this RouteGroupBuilder integration) =>
        integration.MapPost("/entitlements/check", integration.Handler<CheckEntitlements>(handler => handler.HandleAsync));

    private static void MapResolution(this RouteGroupBuilder integration) =>
        integration.MapPost("/licensing/resolve", integration.Handler<ResolveLicense>(handler => handler.HandleAsync));
}
