using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>How long the newest sign-ups took, from the sign-up until the tenant was in service.</summary>
/// <param name="Runs">How many runs are looked at: the newest, 500 at most.</param>
/// <param name="Since">When the oldest of them began; null when there is none.</param>
/// <param name="Succeeded">How many ended well.</param>
/// <param name="Failed">How many failed and wait for an operator.</param>
/// <param name="Unfinished">How many wait or run.</param>
/// <param name="P50Ms">Half of those that ended well took at most this many milliseconds; null when there is none.</param>
/// <param name="P95Ms">95 of 100 of them.</param>
/// <param name="MaxMs">The longest.</param>
/// <param name="Stages">The twelve stages, in their order.</param>
internal sealed record ProvisioningTimes(
    [property: Example("500")] int Runs,
    DateTimeOffset? Since,
    [property: Example("498")] int Succeeded,
    [property: Example("1")] int Failed,
    [property: Example("1")] int Unfinished,
    [property: Example("171.2")] double? P50Ms,
    [property: Example("237.4")] double? P95Ms,
    [property: Example("412.9")] double? MaxMs,
    IReadOnlyList<StageTimes> Stages);

/// <summary>How long a stage took in these runs.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="P50Ms">Half of those that are done took at most this many milliseconds; null when there is none.</param>
/// <param name="P95Ms">95 of 100 of them.</param>
/// <param name="Repeated">In how many runs it was tried more than once.</param>
internal sealed record StageTimes(
    [property: Example("4")] int Number,
    [property: Example("create_database")] string Name,
    [property: Example("22.5")] double? P50Ms,
    [property: Example("41.8")] double? P95Ms,
    [property: Example("0")] int Repeated);
