// Public because components are, and their parameters have to be.
using System.Text.Json;

namespace ValidonX.Portal.Gateway;

// What the API tells, as far as pages show it. Their meaning is in the API's own document.
public sealed record OperatorLogin(string Token, OperatorView Admin);

public sealed record OperatorView(string Id, string Name, string Email);

public sealed record UserLogin(string Token, UserView User, IReadOnlyList<OwnTenant> Tenants);

public sealed record UserView(string Id, string Name, string Email, bool EmailVerified, bool TwoFactor);

public sealed record OfProfile(UserView User, string? Company);

public sealed record OfOperator(OperatorView Admin, bool TwoFactor);

public sealed record OneOfOperators(string Id, string Name, string Email, string Status, bool TwoFactor, bool Configured, DateTimeOffset? LastSignedInAt, DateTimeOffset CreatedAt);

public sealed record NewSecondFactor(string Secret, string OtpauthUrl);

public sealed record OfRecoveryCodes(IReadOnlyList<string> RecoveryCodes);

public sealed record Passkey(string Id, string Name, bool BackedUp, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt);

public sealed record PasskeyQuestion(JsonElement Options, string Ceremony);

public sealed record OwnInvitation(string Id, string TenantName, string TenantSlug, string Role, DateTimeOffset ExpiresAt, DateTimeOffset CreatedAt);

public sealed record Verified(UserView User, string Token);

public sealed record OwnTenant(string Id, string Name, string Slug, string Status, string Role);

public sealed record Tenant(string Id, string Name, string Slug, string Status, string Plan, string Region, string? Cluster, TenantDatabase? Database, DateTimeOffset CreatedAt, int? Alerts = null);

public sealed record TenantDatabase(string Name, string Server);

public sealed record DatabaseSize(string Name, string Server, long Bytes, long DataBytes, long IndexBytes, int Tables, IReadOnlyList<TableSize> Largest, DateTimeOffset MeasuredAt);

public sealed record TableSize(string Name, long Bytes, long DataBytes, long IndexBytes, long Rows);

public sealed record RecentSlowQueries(double ThresholdMs, IReadOnlyList<SlowQuery> Queries);

public sealed record SlowQuery(DateTimeOffset At, double DurationMs, string Statement, string Route, string RequestId);

public sealed record TenantAndRun(Tenant Tenant, Run? Run);

public sealed record Run(string Id, string Status, string? Error, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, IReadOnlyList<Stage> Stages)
{
    /// <summary>Whether something still happens.</summary>
    public bool IsGoingOn => Status is "pending" or "running";
}

public sealed record Stage(int Number, string Name, string Status, int Attempts, double? DurationMs, string? Error);

public sealed record FirstKey(string ApiKey, string BearerToken);

public sealed record Plan(string Code, string Name, long? PriceCents, string Currency, string BillingPeriod, int TrialDays, IReadOnlyDictionary<string, long?> Entitlements);

public sealed record Metrics(DateTimeOffset From, DateTimeOffset To, int Step, MetricSeries Series, MetricTotals Totals, IReadOnlyList<EndpointUse> Endpoints, MonthQuota? Month = null);

public sealed record MonthQuota(DateTimeOffset From, DateTimeOffset To, long? Calls, long? Quota, double? Percent);

public sealed record MetricSeries(
    IReadOnlyList<Point> Requests,
    IReadOnlyList<Point> Errors,
    IReadOnlyList<Point> Refused,
    IReadOnlyList<Point> P50Ms,
    IReadOnlyList<Point> P95Ms,
    IReadOnlyList<Point> P99Ms,
    IReadOnlyList<Point> DatabaseMs,
    IReadOnlyList<Point> QueueDepth,
    IReadOnlyList<Point> QueueAgeS);

public sealed record Point(DateTimeOffset At, double? Value);

public sealed record MetricTotals(long Requests, long Errors, long Refused, RefusedBy RefusedBy, double? P50Ms, double? P95Ms, double? P99Ms);

public sealed record RefusedBy(long Key, long Tenant, long Endpoint);

public sealed record EndpointUse(string Route, long Requests, long Errors, double MeanMs);

public sealed record TenantLoads(DateTimeOffset From, DateTimeOffset To, int Active, long MedianRequests, IReadOnlyList<TenantLoad> Tenants);

public sealed record TenantLoad(
    string TenantId, string TenantName, string TenantSlug, long Requests, long Errors, long Refused, double? P95Ms, double DatabaseMs, double? TimesMedian);

public sealed record ProvisioningTimes(
    int Runs, DateTimeOffset? Since, int Succeeded, int Failed, int Unfinished, double? P50Ms, double? P95Ms, double? MaxMs, IReadOnlyList<StageTimes> Stages);

public sealed record StageTimes(int Number, string Name, double? P50Ms, double? P95Ms, int Repeated);

public sealed record Job(
    string Id, string TenantId, string? TenantSlug, string Kind, string Status, int Attempts, int MaxAttempts, DateTimeOffset? DueAt, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

public sealed record Server(string Name, string Host, int Port, string Region, string Class, int Capacity, bool AcceptsTenants, int Tenants, double Load);

public sealed record AuditEntry(
    string Id, string Action, Actor Actor, Target? Target, string? RequestId, JsonElement? Before, JsonElement? After, DateTimeOffset At, long? Position, string? TenantId, string? Address);

public sealed record Actor(string Kind, string? Id, string? Name);

public sealed record Target(string? Kind, string? Id);

public sealed record ChainCheck(bool Valid, long Checked, long Pending, string? FirstBroken, string? Reason, int? Chains);

public sealed record Mail(string Id, string To, string Subject, string? Text, string Status, string? Error, DateTimeOffset CreatedAt);

public sealed record Product(string Id, string Code, string Name, string? KeyPrefix, string Status, JsonElement Policy, DateTimeOffset CreatedAt);

public sealed record License(
    string Id,
    string Key,
    string Type,
    string Status,
    string? ProductId,
    DateTimeOffset? ExpiresAt,
    JsonElement Entitlements,
    int GraceDays,
    JsonElement Policy,
    JsonElement PolicyOverrides,
    Customer? Customer,
    int ActivationsCount,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset CreatedAt);

public sealed record Customer(string? Name, string? Email);

public sealed record OfLicense(License License);

public sealed record Activation(
    string Id, string LicenseKeyId, string InstanceId, string? DeviceFingerprint, string Status, DateTimeOffset ActivatedAt, DateTimeOffset? LeaseExpiresAt);

public sealed record ApiKey(
    string Id, string Name, string Hint, string Status, IReadOnlyList<string> Scopes, IReadOnlyList<string> AllowedIps, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt);

public sealed record NewApiKey(string Id, string Name, string Key);

public sealed record Webhook(
    string Id,
    string Url,
    string? Description,
    IReadOnlyList<string> Events,
    bool Ordered,
    string Status,
    string? DisabledReason,
    string PublicKey,
    DateTimeOffset? PreviousValidUntil,
    DateTimeOffset? FailingSince,
    DateTimeOffset CreatedAt);

public sealed record NewWebhook(string Id, string Secret);

public sealed record Delivery(string Id, string EventType, string Status, int Attempts, int? ResponseStatus, DateTimeOffset? NextAttemptAt, DateTimeOffset? DeliveredAt, DateTimeOffset CreatedAt);

public sealed record DeliveryDetails(Delivery Delivery, DeliveryRequest Request, IReadOnlyList<DeliveryAttempt> Attempts);

public sealed record DeliveryRequest(string Method, IReadOnlyDictionary<string, string> Headers, string Body);

public sealed record DeliveryAttempt(int Number, DateTimeOffset At, string Url, long DurationMs, int? ResponseStatus, string? ResponseBody, string? Error);

public sealed record Member(string Id, string Email, string? Name, string Role, string Status, bool? TwoFactor, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);

public sealed record AccountToken(string Id, string Name, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);

public sealed record OfSubscription(Subscription Subscription);

public sealed record Subscription(
    string Plan,
    string EffectivePlan,
    string Status,
    DateTimeOffset CurrentPeriodStart,
    DateTimeOffset CurrentPeriodEnd,
    string BillingPeriod,
    long? PriceCents,
    string Currency,
    long CreditCents,
    string? NextPlan,
    DateTimeOffset? CancelAt,
    DateTimeOffset? GraceEndsAt);

public sealed record BillingDetails(string Name, string Address, string Country, string? TaxId);

public sealed record Invoice(string Id, string Number, string TenantId, string Status, string Currency, long TotalCents, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, DateTimeOffset IssuedAt, DateTimeOffset? DueAt, DateTimeOffset? PaidAt);

public sealed record UsageSnapshot(string? LicenseId, string Metric, DateTimeOffset PeriodStart, long Used, long Events);

public sealed record LicenseImport(string Id, string Status, string Format, long Rows, long Created, long Failed, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Whether rows are still read.</summary>
    public bool IsGoingOn => Status == "running";
}

public sealed record LicenseChange(
    string Id, string Action, string Status, long Matched, long Done, long Failed, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Whether licenses are still changed.</summary>
    public bool IsGoingOn => Status is "pending" or "running";
}

public sealed record OfLicenseChange(LicenseChange Job);

public sealed record OfImport(LicenseImport Import);

public sealed record ImportError(long Row, JsonElement Errors);

public sealed record LicenseFile(string Id, string File, DateTimeOffset ExpiresAt);

public sealed record Branding(string DisplayName, string PrimaryColor, string AccentColor, string BackgroundColor, string? CustomCss, BrandingLogo? Logo = null);

public sealed record BrandingLogo(string MediaType, int Width, int Height, string Sha256)
{
    /// <summary>Where its vendor's pages have it; another image has another address.</summary>
    public string Address => $"branding/logo?{Sha256}";
}

public sealed record Alert(
    string Id, string? TenantId, string? TenantSlug, string Kind, string Severity, string Status, string? Subject, double? Value, double? Threshold, DateTimeOffset OpenedAt, DateTimeOffset? LastSeenAt, DateTimeOffset? AcknowledgedAt, DateTimeOffset? ClosedAt);

public sealed record Domain(string Id, string Host, string Status, DomainRecord? Record, DateTimeOffset? VerifiedAt);

public sealed record DomainRecord(string Name, string Type, string Value);

public sealed record DomainVerification(bool Verified, string? Problem, IReadOnlyList<string> Found, Domain Domain);

public sealed record OpenedSession(string Token, DateTimeOffset ExpiresAt);

public sealed record OwnLicense(string Key, string? Product, string Type, string Status, DateTimeOffset? ExpiresAt, OwnSeats Seats, IReadOnlyList<OwnDevice> Devices);

public sealed record OwnSeats(long Taken, long? Total);

public sealed record OwnDevice(string Id, string Name, DateTimeOffset ActivatedAt, DateTimeOffset? LastSeenAt);
