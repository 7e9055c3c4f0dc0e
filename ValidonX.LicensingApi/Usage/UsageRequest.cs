using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Usage;

/// <summary>A report of usage.</summary>
internal record UsageRequest : IRequest
{
    private const long MaximumQuantity = 1_000_000_000_000;

    /// <summary>The license.</summary>
    [Text(LicenseKeyText.MaximumLength)]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The entitlement's code.</summary>
    [Code(Entitlement.MaximumCodeLength)]
    [Example("api.calls")]
    public required string Metric { get; init; }

    /// <summary>How much was used.</summary>
    [Whole(1, MaximumQuantity)]
    [Example("3")]
    public required long Quantity { get; init; }

    /// <summary>Whatever the app wants to keep with it.</summary>
    [Opaque(ActivationRequest.MaximumMetadataBytes)]
    [Example("""{"job": "nightly"}""")]
    public RawJson Metadata { get; init; } = RawJson.EmptyObject;
}

/// <summary>One report of several.</summary>
internal sealed record BatchedUsage : UsageRequest
{
    /// <summary>When it happened; absent: now. It may lie some weeks back, 35 days as a rule.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Names the report for ever: the same name never counts twice.</summary>
    [Text(255)]
    [Example("press-3/2026-04-03/000017")]
    public required string IdempotencyKey { get; init; }
}

/// <summary>Several reports of usage.</summary>
internal sealed record UsageBatch : IRequest
{
    /// <summary>Most reports of one call.</summary>
    public const int MaximumEvents = 1_000;

    /// <summary>The reports, in the order in which they are to be counted.</summary>
    [Items(1, MaximumEvents)]
    public required IReadOnlyList<BatchedUsage> Events { get; init; }
}

/// <summary>What became of several reports.</summary>
/// <param name="Accepted">How many were counted now.</param>
/// <param name="Duplicates">How many had been counted before.</param>
/// <param name="Rejected">Those that are not counted.</param>
internal sealed record UsageBatchAnswer(int Accepted, int Duplicates, IReadOnlyList<RejectedUsage> Rejected)
{
    /// <summary>What became of each report, in their order.</summary>
    public static UsageBatchAnswer Of(IReadOnlyList<Outcome<RecordedUsage>> outcomes) => new(
        outcomes.Count(outcome => outcome.Value is { IsReplay: false }),
        outcomes.Count(outcome => outcome.Value is { IsReplay: true }),
        [.. outcomes.Index().Where(one => one.Item.Refusal is not null).Select(one => new RejectedUsage(one.Index, one.Item.Refusal!.Code, one.Item.Refusal.Message))]);
}

/// <summary>A report that is not counted.</summary>
/// <param name="Index">Its place among those that were sent, from 0.</param>
/// <param name="Code">Why, as the code that it would have had alone.</param>
/// <param name="Message">Why, for people.</param>
internal sealed record RejectedUsage(int Index, [property: Example("LICENSE.NOT_FOUND")] string Code, string Message);
