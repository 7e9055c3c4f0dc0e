using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Alerts;
using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Audit;
using ValidonX.LicensingApi.Branding;
using ValidonX.LicensingApi.Billing;
using ValidonX.LicensingApi.Bulk;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Compliance;
using ValidonX.LicensingApi.Customers;
using ValidonX.LicensingApi.DatabaseSizes;
using ValidonX.LicensingApi.Domains;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.FeatureFlags;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Jobs;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Metrics;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.Onboarding;
using ValidonX.LicensingApi.OpenApi;
using ValidonX.LicensingApi.Operators;
using ValidonX.LicensingApi.Payments;
using ValidonX.LicensingApi.Passkeys;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.Products;
using ValidonX.LicensingApi.RateLimits;
using ValidonX.LicensingApi.Registration;
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
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Outbox;
using ValidonX.Platform.SingleSignOn;
using ValidonX.Platform.Webhooks;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.LicensingApi;

/// <summary>Registers the licensing API, capability by capability.</summary>
internal static class LicensingApiServices
{
    private const long MaximumBodyBytes = 1 << 20;

    // Room for what the gateway adds to the line and headers that it accepts itself.
    private const int MaximumRequestLineBytes = 16 * 1024;
    private const int MaximumHeaderBytes = 64 * 1024;

    public static WebApplicationBuilder AddLicensingApi(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaximumBodyBytes;
            kestrel.Limits.MaxRequestLineSize = MaximumRequestLineBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaximumHeaderBytes;
        });

        var services = builder.Services;
        services.AddSingleton<VerifiedCallers>();
        services.AddApiDocument();

        services.AddSingleton<LicenseViews>();
        services.AddSingleton<ValidateLicense>();
        services.AddSingleton<LicenseQueries>();
        services.AddSingleton<CreateLicense>();
        services.AddSingleton<ChangeLicense>();
        services.AddSingleton<LicenseUse>();
        services.AddHostedService(provider => provider.GetRequiredService<LicenseUse>());

        services.AddSingleton<ImportLanes>();
        services.AddSingleton<ImportLicenses>();
        services.AddSingleton<ImportBatches>();
        services.AddSingleton<ImportQueries>();
        services.AddSingleton<BulkChanges>();

        services.AddOfflineVerdicts();

        services.AddSingleton<ActivationViews>();
        services.AddSingleton<ActivateInstance>();
        services.AddSingleton<FingerprintHasher>();
        services.AddSingleton<ValidateActivation>();
        services.AddSingleton<HeartbeatActivation>();
        services.AddSingleton<EndActivation>();
        services.AddSingleton<TenantActivations>();

        services.AddSingleton<CheckEntitlements>();
        services.AddSingleton<RecordUsage>();
        services.AddSingleton<UsageReports>();
        services.AddSingleton<UsageQueries>();
        services.AddSingleton<ReconcileUsage>();
        services.AddOptions<UsageOptions>().BindConfiguration(UsageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ResolveLicense>();
        services.AddOptions<ResolutionOptions>().BindConfiguration(ResolutionOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        services.AddSingleton<PublicPlans>();
        services.AddSingleton<ProductStore>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<RateLimitOverrides>();
        services.AddSingleton<AuditQueries>();
        services.AddSingleton<SettingsStore>();
        services.AddSingleton<ComplianceStore>();
        services.AddSingleton<BrandingStore>();
        services.AddOptions<DomainOptions>().BindConfiguration(DomainOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<DomainOptions>, DomainOptions.Validator>();
        services.AddSingleton<OwnHosts>();
        services.AddSingleton<RecordLookup>();
        services.AddSingleton<DomainStore>();
        services.AddSingleton<CustomerHashes>();
        services.AddSingleton<CustomerCodes>();
        services.AddSingleton<CustomerSessions>();
        services.AddSingleton<CustomerLicenses>();
        services.AddSingleton<JobBoard>();
        services.AddSingleton<AlertBoard>();
        services.AddSingleton<ThresholdStore>();
        services.AddSingleton<ServerStore>();
        services.AddSingleton<FeatureFlagStore>();

        services.AddSingleton<PlanCatalog>();
        services.AddSingleton<PlanEditor>();
        services.AddBillingApi();
        services.AddPaymentApi();

        services.AddSingleton<TenantQueries>();
        services.AddSingleton<MonthQuotas>();
        services.AddSingleton<ReadTenantLoads>();
        services.AddSingleton<ReadProvisioningTimes>();
        services.AddSingleton<MeasureDatabase>();
        services.AddOptions<SlowQueryOptions>().BindConfiguration(SlowQueryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SlowQueryList>();
        services.AddSingleton<SlowQueryNotes>();
        services.AddSingleton<SlowQueryWatch>();
        services.AddSingleton(provider => new SlowStatements(provider.GetRequiredService<IOptions<SlowQueryOptions>>().Value.Threshold));
        services.AddSingleton<CreateTenant>();
        services.AddSingleton<ChangeTenant>();
        services.AddSingleton<FirstToken>();
        services.AddSingleton<RevealFirstKey>();
        services.AddSingleton<ReissueFirstKey>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<ChangePassword>();
        services.AddSingleton<ResetPassword>();
        services.AddSingleton<UserSessions>();
        services.AddSingleton<UserLogin>();
        services.AddSingleton<EndSession>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<ChangeSecondFactor>();
        services.AddOptions<PasskeyOptions>().BindConfiguration(PasskeyOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<PasskeyOptions>, PasskeyOptions.Defaults>();
        services.AddSingleton<IValidateOptions<PasskeyOptions>, PasskeyOptions.Validator>();
        services.AddSingleton<PasskeyCeremonies>();
        services.AddSingleton<PasskeyStore>();
        services.AddSingleton<PasskeyLogin>();
        services.AddSingleton<AccountProof>();
        services.AddSingleton<Profiles>();
        services.AddSingleton<AccountExport>();
        services.AddSingleton<DeleteAccount>();
        // Whoever waits here has a place at the gateway, and of those of strangers there are few: an issuer that never answers must not take them all.
        services.Configure<SingleSignOnOptions>(options => options.MostWaiting = 8);
        services.AddTokensOfIssuers();
        services.AddSingleton<SsoStore>();
        services.AddSingleton<SignedOnUsers>();
        services.AddSingleton<SsoUsers>();
        services.AddSingleton<SsoSignIn>();
        services.AddSingleton<SsoCheck>();
        services.AddSingleton<MailRequests>();
        services.AddSingleton<VerifyEmail>();
        services.AddSingleton<ChangeEmail>();
        services.AddSingleton<Reauthentication>();

        services.AddSingleton<MemberQueries>();
        services.AddSingleton<InvitationQueries>();
        services.AddSingleton<InviteMember>();
        services.AddSingleton<ChangeMember>();
        services.AddSingleton<AcceptInvitation>();

        services.AddWebhookOptions();
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<DeliveryLog>();
        services.AddSingleton<DeliverAgain>();

        services.AddOptions<MailLinkOptions>()
            .BindConfiguration(MailLinkOptions.Section)
            .Validate(options => options.IsValid, MailLinkOptions.Problem)
            .ValidateOnStart();
        services.AddSingleton<AccountMails>();
        services.AddSingleton<MailedTokenStore>();
        services.AddSingleton<MailQueries>();

        services.AddSingleton<SignUp>();
        services.AddSingleton<ProvisioningWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<ProvisioningWatch>());
        services.AddOptions<OnboardingOptions>().BindConfiguration(OnboardingOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        services.AddSingleton<StateChanges>();
        services.AddSingleton<OutboxHints>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxHints>());

        services.AddSingleton<IdempotencyStore>();
        services.AddSingleton<TenantAnswers>();
        services.AddHostedService<IdempotencyCleanup>();

        services.AddOptions<OperatorOptions>()
            .BindConfiguration(OperatorOptions.Section)
            .Validate(options => options.IsWhole, "Set both Operator:Email and Operator:Password, or neither.")
            .Validate(options => options.IsEmailValid, "Operator:Email is not an e-mail address with an ASCII part before the @.")
            .Validate(
                options => options.IsPasswordLongEnough,
                string.Create(CultureInfo.InvariantCulture, $"Operator:Password is shorter than {Passwords.MinimumLength} characters."))
            .ValidateOnStart();
        services.AddOptions<PasswordHashingOptions>()
            .BindConfiguration(PasswordHashingOptions.Section)
            .Validate(
                options => options.IsValid,
                $"{PasswordHashingOptions.Section}:Threads must be 1 to the number of cores, {PasswordHashingOptions.Section}:MaximumWaiting 1 to 1000.")
            .ValidateOnStart();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<SignInMetrics>();
        services.AddCountedAudit();
        services.AddSingleton<OperatorSessions>();
        services.AddSingleton<OperatorQueries>();
        services.AddSingleton<InviteOperator>();
        services.AddSingleton<ChangeOperator>();
        services.AddSingleton<AcceptOperatorInvitation>();
        services.AddSingleton<OperatorAccount>();
        services.AddHostedService(provider => provider.GetRequiredService<OperatorAccount>());
        services.AddHealthChecks().AddCheck<OperatorAccount>("operator-account", HealthStatus.Unhealthy);
        return builder;
    }
}
