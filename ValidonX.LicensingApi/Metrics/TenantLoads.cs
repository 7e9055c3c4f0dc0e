using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>Which tenants call most, and how their callers fare: in the running minute and the one before, by what alerts are judged by, too.</summary>
/// <param name="From">Where the minute before begins.</param>
/// <param name="To">When it was counted.</param>
/// <param name="Active">How many tenants had any request.</param>
/// <param name="MedianRequests">The requests that half of them stayed at or below.</param>
/// <param name="Tenants">Those with the most requests, the most first.</param>
internal sealed record TenantLoads(DateTimeOffset From, DateTimeOffset To, [property: Example("214")] int Active, [property: Example("40")] long MedianRequests, IReadOnlyList<TenantLoad> Tenants);

/// <summary>What a tenant's callers came to.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="TenantName">Its name.</param>
/// <param name="TenantSlug">Its short name.</param>
/// <param name="Requests">Requests that were answered, refused ones included.</param>
/// <param name="Errors">Answers of 500 and above.</param>
/// <param name="Refused">Requests that a rate limit refused.</param>
/// <param name="P95Ms">95 of 100 requests took less than this many milliseconds; null where there was none that says something.</param>
/// <param name="DatabaseMs">For how many milliseconds requests and jobs had a connection to the tenant's database.</param>
/// <param name="TimesMedian">How many times the median its requests are; null where the median is zero.</param>
internal sealed record TenantLoad(
    Guid TenantId,
    [property: Example("ACME Software")] string TenantName,
    [property: Example("acme")] string TenantSlug,
    [property: Example("880")] long Requests,
    [property: Example("2")] long Errors,
    [property: Example("0")] long Refused,
    [property: Example("12.5")] double? P95Ms,
    [property: Example("640.25")] double DatabaseMs,
    [property: Example("22")] double? TimesMedian);
