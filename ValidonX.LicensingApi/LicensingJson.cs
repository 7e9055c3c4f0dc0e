using System.Text.Json.Serialization;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Alerts;
using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Audit;
using ValidonX.LicensingApi.Branding;
using ValidonX.LicensingApi.Bulk;
using ValidonX.LicensingApi.Compliance;
using ValidonX.LicensingApi.Billing;
using ValidonX.LicensingApi.Customers;
using ValidonX.LicensingApi.DatabaseSizes;
using ValidonX.LicensingApi.Domains;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.FeatureFlags;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Jobs;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Metrics;
using ValidonX.LicensingApi.Payments;
using ValidonX.LicensingApi.Passkeys;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.Operators;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.Policies;
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
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi;

/// <summary>Every answer as JSON: snake_case, UTC times with a Z; serializers generated at build time.</summary>
[JsonSerializable(typeof(LicenseValidity))]
[JsonSerializable(typeof(JsonWebKeySet))]
[JsonSerializable(typeof(SigningKeyAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownSigningKey>))]
[JsonSerializable(typeof(CreatedLicenseFile))]
[JsonSerializable(typeof(LicenseFileAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownLicenseFile>))]
[JsonSerializable(typeof(ActivationValidity))]
[JsonSerializable(typeof(ActivationAnswer))]
[JsonSerializable(typeof(Workload))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<ShownActivation>))]
[JsonSerializable(typeof(EntitlementsAnswer))]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(UsageBatchAnswer))]
[JsonSerializable(typeof(IReadOnlyList<UsageEventDetails>))]
[JsonSerializable(typeof(IReadOnlyList<UsageSnapshot>))]
[JsonSerializable(typeof(UsageReconciliation))]
[JsonSerializable(typeof(TenantMetrics))]
[JsonSerializable(typeof(TenantLoads))]
[JsonSerializable(typeof(ProvisioningTimes))]
[JsonSerializable(typeof(DatabaseSize))]
[JsonSerializable(typeof(RecentSlowQueries))]
[JsonSerializable(typeof(SlowQuery))]
[JsonSerializable(typeof(ResolvedLicense))]
[JsonSerializable(typeof(LicenseAnswer))]
[JsonSerializable(typeof(IReadOnlyList<LicenseDetails>))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownImport>))]
[JsonSerializable(typeof(IReadOnlyList<ShownImportError>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>))]
[JsonSerializable(typeof(BulkChangeAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownBulkChange>))]
[JsonSerializable(typeof(BulkPreview))]
[JsonSerializable(typeof(ProductAnswer))]
[JsonSerializable(typeof(PolicyAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownProduct>))]
[JsonSerializable(typeof(IReadOnlyList<ShownApiKey>))]
[JsonSerializable(typeof(CreatedApiKey))]
[JsonSerializable(typeof(DeletedAnswer))]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(ShownPasskey))]
[JsonSerializable(typeof(IReadOnlyList<ShownPasskey>))]
[JsonSerializable(typeof(PasskeyQuestion))]
[JsonSerializable(typeof(BegunCeremony))]
[JsonSerializable(typeof(ShownSso))]
[JsonSerializable(typeof(ShownSsoCheck))]
[JsonSerializable(typeof(IReadOnlyList<ShownSsoUser>))]
[JsonSerializable(typeof(SsoStarted))]
[JsonSerializable(typeof(BegunSignOn))]
[JsonSerializable(typeof(OperatorAnswer))]
[JsonSerializable(typeof(OneOperator))]
[JsonSerializable(typeof(IReadOnlyList<ShownOperator>))]
[JsonSerializable(typeof(OperatorState))]
[JsonSerializable(typeof(IReadOnlyList<ShownPlan>))]
[JsonSerializable(typeof(SubscriptionAnswer))]
[JsonSerializable(typeof(ShownInvoice))]
[JsonSerializable(typeof(IReadOnlyList<InvoiceSummary>))]
[JsonSerializable(typeof(BillingDetails))]
[JsonSerializable(typeof(PaymentPage))]
[JsonSerializable(typeof(EventReceipt))]
[JsonSerializable(typeof(ShownPayment))]
[JsonSerializable(typeof(IReadOnlyList<ShownPayment>))]
[JsonSerializable(typeof(ShownTaxRate))]
[JsonSerializable(typeof(IReadOnlyList<ShownTaxRate>))]
[JsonSerializable(typeof(IReadOnlyList<OperatorPlan>))]
[JsonSerializable(typeof(PlanAnswer))]
[JsonSerializable(typeof(DeletedPlan))]
[JsonSerializable(typeof(IReadOnlyList<ShownTenant>))]
[JsonSerializable(typeof(TenantAnswer))]
[JsonSerializable(typeof(TenantWithRun))]
[JsonSerializable(typeof(RevealedCredentials))]
[JsonSerializable(typeof(IReadOnlyList<ShownToken>))]
[JsonSerializable(typeof(CreatedToken))]
[JsonSerializable(typeof(MailRequested))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(UserLoginAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(MemberAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownMember>))]
[JsonSerializable(typeof(MemberState))]
[JsonSerializable(typeof(SessionState))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(IReadOnlyList<ShownInvitation>))]
[JsonSerializable(typeof(MembershipAnswer))]
[JsonSerializable(typeof(NewSecondFactor))]
[JsonSerializable(typeof(RecoveryCodesAnswer))]
[JsonSerializable(typeof(ShownProfile))]
[JsonSerializable(typeof(ExportedAccount))]
[JsonSerializable(typeof(IReadOnlyList<ShownMembership>))]
[JsonSerializable(typeof(IReadOnlyList<ShownMail>))]
[JsonSerializable(typeof(TenantRateLimits))]
[JsonSerializable(typeof(ShownRun))]
[JsonSerializable(typeof(ValidonX.Platform.Provisioning.ProvisioningStage))]
[JsonSerializable(typeof(IReadOnlyList<ShownAuditEntry>))]
[JsonSerializable(typeof(ShownVerdict))]
[JsonSerializable(typeof(IReadOnlyList<FeatureFlag>))]
[JsonSerializable(typeof(IReadOnlyList<EffectiveFlag>))]
[JsonSerializable(typeof(TenantSettings))]
[JsonSerializable(typeof(IReadOnlyList<ShownJob>))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ShownServer>))]
[JsonSerializable(typeof(ServerAnswer))]
[JsonSerializable(typeof(TenantBranding))]
[JsonSerializable(typeof(DomainAnswer))]
[JsonSerializable(typeof(CustomerCodeRequested))]
[JsonSerializable(typeof(CustomerSession))]
[JsonSerializable(typeof(CustomerLicense))]
[JsonSerializable(typeof(ActivationFreed))]
[JsonSerializable(typeof(DomainVerification))]
[JsonSerializable(typeof(IReadOnlyList<ShownDomain>))]
[JsonSerializable(typeof(IReadOnlyList<ComplianceRule>))]
[JsonSerializable(typeof(TenantCompliance))]
[JsonSerializable(typeof(ShownWebhook))]
[JsonSerializable(typeof(IReadOnlyList<ShownWebhook>))]
[JsonSerializable(typeof(CreatedWebhook))]
[JsonSerializable(typeof(ShownDelivery))]
[JsonSerializable(typeof(IReadOnlyList<ShownDelivery>))]
[JsonSerializable(typeof(DeliveryDetails))]
[JsonSerializable(typeof(StartedReplay))]
[JsonSerializable(typeof(ShownAlert))]
[JsonSerializable(typeof(IReadOnlyList<ShownAlert>))]
[JsonSerializable(typeof(AlertAnswer))]
[JsonSerializable(typeof(AlertThresholds))]
[JsonSerializable(typeof(EffectiveThresholds))]
[JsonSerializable(typeof(StoredAnswer))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
internal sealed partial class LicensingJson : JsonSerializerContext;
