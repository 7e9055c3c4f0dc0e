using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Alerts;
using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Audit;
using ValidonX.LicensingApi.Branding;
using ValidonX.LicensingApi.Billing;
using ValidonX.LicensingApi.Bulk;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Compliance;
using ValidonX.LicensingApi.Customers;
using ValidonX.LicensingApi.Domains;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.FeatureFlags;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Jobs;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Metrics;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.Onboarding;
using ValidonX.LicensingApi.OpenApi;
using ValidonX.LicensingApi.Operators;
using ValidonX.LicensingApi.Payments;
using ValidonX.LicensingApi.Passkeys;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.Policies;
using ValidonX.LicensingApi.Products;
using ValidonX.LicensingApi.Resolution;
using ValidonX.LicensingApi.Servers;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.Settings;
using ValidonX.LicensingApi.SingleSignOn;
using ValidonX.LicensingApi.SlowQueries;
using ValidonX.LicensingApi.Tenants;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.LicensingApi.Usage;
using ValidonX.LicensingApi.Webhooks;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi;

/// <summary>The pipeline and the routes, by who may call them.</summary>
internal static class LicensingApiRoutes
{
    /// <summary>What every request passes: errors become envelopes, the route is found, the caller is verified, what is slow is noted, repetitions are caught.</summary>
    public static WebApplication UseLicensingApi(this WebApplication app)
    {
        app.UseApiErrors(app.Logger);
        app.UseRouting();
        app.UseMiddleware<CallerMiddleware>();
        app.UseMiddleware<SlowQueryMiddleware>();
        app.UseMiddleware<IdempotencyMiddleware>();
        return app;
    }

    /// <summary>Every route (CONTRACT §3, §6).</summary>
    public static WebApplication MapLicensingApi(this WebApplication app)
    {
        var api = app.MapGroup("").JudgedByTheGateway();
        api.MapApiDocument();
        api.MapSessions();
        api.MapIdentity();
        api.MapSsoSignIn();
        api.MapPasskeySignIn();
        api.MapPlans();
        api.MapPublishedKeys();

        api.MapCustomers();

        var integration = api.MapGroup("/v1/integration").For(Permissions.Integrate).WithTags("Integration");
        integration.MapLicenseValidation();
        integration.MapActivations();
        integration.MapEntitlements();
        integration.MapUsage();
        integration.MapResolution();

        var tenant = api.MapGroup("/v1/tenant").For(Permissions.ReadTenant).AcceptIdempotencyKey();
        tenant.MapProducts();
        tenant.MapLicenses();
        tenant.MapBulk();
        tenant.MapLicenseFiles();
        tenant.MapSigningKeys();
        tenant.MapTenantActivations();
        tenant.MapTenantUsage();
        tenant.MapApiKeys();
        tenant.MapAuditLog();
        tenant.MapEffectiveFlags();
        tenant.MapSettings();
        tenant.MapOwnCompliance();
        tenant.MapBranding();
        tenant.MapDomains();
        tenant.MapSso();
        tenant.MapMembers();
        tenant.MapOwnMetrics();
        tenant.MapOwnAlerts();
        tenant.MapWebhooks();

        var billing = api.MapGroup("/v1/billing").For(Permissions.ReadBilling).AcceptIdempotencyKey();
        billing.MapSubscription();
        billing.MapInvoices();
        billing.MapBillingDetails();
        billing.MapCardPayments();

        var account = api.MapGroup("/v1/account").For(Permissions.OwnAccount).AcceptIdempotencyKey();
        account.MapOwnTokens();
        account.MapPassword();
        account.MapAccount();
        account.MapEmailChange();
        account.MapOwnInvitations();
        account.MapGroup("").WithTags("Account").MapTwoFactor();
        account.MapGroup("").WithTags("Account").MapPasskeys();

        api.MapOnboarding();

        var admin = api.MapGroup("/v1/admin").For(Permissions.Operate).AcceptIdempotencyKey();
        admin.MapTenants();
        admin.MapOutbox();
        admin.MapTwoFactorOfUsers();
        admin.MapOperators();
        admin.MapPlatformAuditLog();
        admin.MapFeatureFlags();
        admin.MapJobs();
        admin.MapServers();
        admin.MapCompliance();
        admin.MapPlanEditor();
        admin.MapSubscriptionOfTenant();
        admin.MapInvoicesOfAll();
        admin.MapPayments();
        admin.MapTaxRates();
        admin.MapMetrics();
        admin.MapProvisioningTimes();
        admin.MapAlerts();
        admin.MapAlertThresholds();

        // Last, and in a group of its own: the document takes the refusals that many share from whoever comes first.
        api.MapGroup("").MapStripeEvents();
        return app;
    }

    private static void MapEntitlements(this RouteGroupBuilder integration) =>
        integration.MapHandler<CheckEntitlements>("/entitlements/check", handler => handler.HandleAsync).Reads<EntitlementQuestion>().Is(
            new Operation("checkEntitlements", "Checks what a license allows.", [Answers.Ok<EntitlementsAnswer>()])
            {
                Description = "A feature that the license does not have is not granted. Numbers are told under `limits`, too, with what is used of them this month.",
                Errors = [ApiErrors.LicenseNotFound, ApiErrors.LicenseRevoked, ApiErrors.LicenseRestricted(Reasons.Region, null)],
            });

    private static void MapResolution(this RouteGroupBuilder integration) =>
        integration.MapHandler<ResolveLicense>("/licensing/resolve", handler => handler.HandleAsync).Reads<ResolutionQuestion>().Is(
            "resolveLicense", "Tells what a license is worth, in one word, and the features that it allows.", Answers.Ok<ResolvedLicense>(), ApiErrors.LicenseNotFound, ApiErrors.LicenseRestricted(Reasons.Region, null));
}
