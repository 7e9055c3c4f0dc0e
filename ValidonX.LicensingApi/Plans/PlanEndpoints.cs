using Dapper;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Plans;

/// <summary>A plan as anyone may see it; a null entitlement is "unlimited", a null price is "ask us".</summary>
internal sealed record ShownPlan(
    string Code, string Name, long? PriceCents, string Currency, string BillingPeriod, IReadOnlyDictionary<string, long?> Entitlements);

/// <summary><c>GET /v1/plans</c>: public.</summary>
internal static class PlanEndpoints
{
    public static void MapPlans(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/plans", ListAsync);

    private static async Task<IResult> ListAsync(HttpContext context, PlatformDatabase platform)
    {
        await using var connection = await platform.OpenAsync(context.RequestAborted);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT code, name, price_cents, currency, billing_period FROM plans WHERE is_public = 1 ORDER BY position, code;
            SELECT plan_code, code, value FROM plan_entitlements ORDER BY plan_code, code
            """,
            cancellationToken: context.RequestAborted));
        var plans = (await rows.ReadAsync<PlanRow>()).AsList();
        var entitlements = (await rows.ReadAsync<(string PlanCode, string Code, long? Value)>()).ToLookup(row => row.PlanCode, StringComparer.Ordinal);
        return ApiResult.Page<IReadOnlyList<ShownPlan>>(
            [.. plans.Select(plan => new ShownPlan(
                plan.Code,
                plan.Name,
                plan.PriceCents,
                plan.Currency,
                plan.BillingPeriod,
                entitlements[plan.Code].ToDictionary(row => row.Code, row => row.Value, StringComparer.Ordinal)))],
            LicensingJson.Default.IReadOnlyListShownPlan,
            nextCursor: null);
    }

    private sealed class PlanRow
    {
        public string Code { get; init; } = "";

        public string Name { get; init; } = "";

        public long? PriceCents { get; init; }

        public string Currency { get; init; } = "";

        public string BillingPeriod { get; init; } = "";
    }
}
