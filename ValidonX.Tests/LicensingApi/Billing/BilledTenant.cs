using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;

namespace ValidonX.Tests.LicensingApi.Billing;

/// <summary>A tenant with a subscription whose period began at the moment at which the calendar of the API stands.</summary>
internal sealed class BilledTenant(LicensingPlatform platform, LicensedTenant tenant, IReadOnlyList<HttpClient> apis, MovableClock clock)
{
    public Guid Id => tenant.Id;

    public LicensedTenant Licensed => tenant;

    public ApiCaller Owner => User(TenantRole.Owner);

    /// <summary>One on a plan, with its period paid or still to be invoiced.</summary>
    public static async Task<BilledTenant> CreateAsync(
        LicensingPlatform platform, IReadOnlyList<HttpClient> apis, MovableClock clock, string plan = "pro", long? price = 4900, bool isInvoiced = true, string status = "active")
    {
        var tenant = await platform.CreateTenantAsync(plan);
        var (start, end) = (clock.Now.UtcDateTime, clock.Now.AddMonths(1).UtcDateTime);
        await platform.ExecuteAsync(
            """
            UPDATE tenants t JOIN plans p ON p.code = t.plan_code SET t.plan_version = p.version WHERE t.id = @Id;
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, anchor_at, price_cents, invoiced_until, metered_until, created_at, updated_at)
            VALUES (@subscription, @Id, @plan, @status, @start, @end, @start, @price, @invoiced, @start, @start, @start)
            """,
            new { tenant.Id, subscription = Guid.CreateVersion7(), plan, status, start, end, price, invoiced = isInvoiced ? end : (DateTime?)null });
        return new BilledTenant(platform, tenant, apis, clock);
    }

    public ApiCaller User(TenantRole role, int api = 0) =>
        new(apis[api], (method, path) => Sign(method, path, role));

    /// <summary>What the gateway would sign for a user of the tenant.</summary>
    public string Sign(string method, string path, TenantRole role = TenantRole.Owner) =>
        platform.Sign(
            new CallerContext
            {
                Kind = CallerKind.User,
                CallerId = Id,
                TenantId = Id,
                TenantSlug = tenant.Slug,
                TenantPlan = "pro",
                ServerName = tenant.Placement.ServerName,
                DatabaseName = tenant.Placement.Database.Value,
                Role = role,
                ExpiresAt = clock.Now.AddMinutes(1).ToUnixTimeSeconds(),
            },
            method,
            path);

    public static ApiCaller Operator(LicensingPlatform platform, HttpClient api, MovableClock clock) =>
        new(api, (method, path) => platform.Sign(
            new CallerContext { Kind = CallerKind.Operator, CallerId = Guid.CreateVersion7(), TokenId = Guid.CreateVersion7(), ExpiresAt = clock.Now.AddMinutes(1).ToUnixTimeSeconds() }, method, path));

    public async Task<JsonNode> ChangePlanAsync(string plan, string when = "now") =>
        (await Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan, when })).ShouldBe(200).Data["subscription"]!;

    public async Task<JsonNode> SubscriptionAsync() => (await Owner.GetAsync("/v1/billing/subscription")).ShouldBe(200).Data["subscription"]!;

    public async Task<JsonArray> InvoicesAsync() => (await Owner.GetAsync("/v1/billing/invoices")).ShouldBe(200).Data.AsArray();

    /// <summary>What the invoices' lines come to without taxes, and what is owed to the tenant.</summary>
    public async Task<(long Charged, long Credit)> MoneyAsync()
    {
        await using var connection = await platform.Databases.Platform.OpenAsync(CancellationToken.None);
        return await connection.QuerySingleAsync<(long, long)>(
            """
            SELECT (SELECT CAST(COALESCE(SUM(subtotal_cents), 0) AS SIGNED) FROM invoices WHERE tenant_id = @Id),
                   (SELECT CAST(COALESCE(SUM(amount_cents), 0) AS SIGNED) FROM billing_credits WHERE tenant_id = @Id)
            """,
            new { Id });
    }

    public Task<string?> LimitAsync(string code) =>
        tenant.ScalarAsync<string>("SELECT CONCAT(COALESCE(value, 'unlimited'), ' ', source) FROM entitlements WHERE license_id = '' AND code = @code", new { code });
}
