namespace ValidonX.Platform.Plans;

/// <summary>The codes of <c>plan_entitlements</c> that the platform itself reads; a NULL value is "unlimited".</summary>
public static class EntitlementCodes
{
    /// <summary>Most products of a tenant.</summary>
    public const string Products = "products.max";

    /// <summary>Most licences of a tenant.</summary>
    public const string Licenses = "licenses.max";

    /// <summary>Most active activations of a tenant.</summary>
    public const string ActivationsTotal = "activations.total";

    /// <summary>Seats of a licence that names no number of its own. The same code on a licence overrides it.</summary>
    public const string ActivationsPerLicense = "activations.max";

    /// <summary>API calls in a calendar month (UTC).</summary>
    public const string ApiCallsMonthly = "api_calls_monthly";

    /// <summary>API calls a minute and key.</summary>
    public const string ApiCallsPerMinute = "api_calls_per_minute";

    /// <summary>Most members of a tenant, those who are invited included.</summary>
    public const string Members = "members.max";

    /// <summary>Most webhook endpoints.</summary>
    public const string WebhookEndpoints = "webhook_endpoints.max";
}
