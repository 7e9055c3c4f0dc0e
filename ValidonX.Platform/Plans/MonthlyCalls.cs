namespace ValidonX.Platform.Plans;

/// <summary>
/// A tenant's calls of a month and how many it may make, as parts of a statement over <c>tenants t</c>: the operators' limit, else the tenant's own entitlement, else its plan's, as the gateways
/// judge. The counts are the gateways', some seconds old.
/// </summary>
public static class MonthlyCalls
{
    /// <summary><c>quota</c>, NULL where there is none, and <c>used</c>, of the month that begins at <c>@month</c> (<c>yyyy-MM-dd</c>).</summary>
    public const string Columns =
        """
        CAST(COALESCE(l.tenant_requests, CASE WHEN month_flag.code IS NULL THEN month_plan.value ELSE month_flag.value END) AS SIGNED) AS quota,
          CAST((SELECT SUM(m.used) FROM api_call_months m WHERE m.tenant_id = t.id AND m.month = @month) AS SIGNED) AS used
        """;

    /// <summary>What the columns are taken from.</summary>
    public const string Joins =
        $"""
        LEFT JOIN rate_limit_overrides l ON l.tenant_id = t.id
          LEFT JOIN plan_entitlements month_plan ON month_plan.plan_code = t.plan_code AND month_plan.code = '{EntitlementCodes.ApiCallsMonthly}'
          LEFT JOIN feature_flags month_flag ON month_flag.tenant_id = t.id AND month_flag.code = '{EntitlementCodes.ApiCallsMonthly}'
        """;
}
