using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>What took long of late in a tenant's requests.</summary>
/// <param name="ThresholdMs">From how many milliseconds on a statement is noted.</param>
/// <param name="Queries">The newest of the last 24 hours, the newest first.</param>
internal sealed record RecentSlowQueries([property: Example("200")] double ThresholdMs, IReadOnlyList<SlowQuery> Queries);

/// <summary>A statement that took long.</summary>
/// <param name="At">When it began.</param>
/// <param name="DurationMs">How many milliseconds it took, waiting for locks included, until its last row was read.</param>
/// <param name="Statement">The statement, with `?` and the names of parameters where there are values; `Open` is the wait for a connection, `Commit` the end of a transaction.</param>
/// <param name="Route">The endpoint that was called.</param>
/// <param name="RequestId">The request's id, as in the answer's `X-Request-ID`.</param>
internal sealed record SlowQuery(
    DateTimeOffset At,
    [property: Example("312.5")] double DurationMs,
    [property: Example("SELECT id FROM license_keys WHERE key_hash = @hash")] string Statement,
    [property: Example("POST /v1/integration/licenses/{licenseKey}/validate")] string Route,
    [property: Example("0197c8a2-7d3e-7f60-a1b2-c3d4e5f60718")] string RequestId);
