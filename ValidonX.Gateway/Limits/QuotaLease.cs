using System.Threading.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>What the framework's middleware is handed. Admissions share one instance, so that they allocate nothing.</summary>
internal sealed class QuotaLease : RateLimitLease
{
    /// <summary>Admitted, or not limited at all.</summary>
    public static readonly QuotaLease Admitted = new(true, null);

    /// <summary>Not decided without asking Redis: the middleware then waits for the asynchronous answer.</summary>
    public static readonly QuotaLease Undecided = new(false, null);

    private readonly RateLimitOutcome? _outcome;

    private QuotaLease(bool isAcquired, RateLimitOutcome? outcome)
    {
        IsAcquired = isAcquired;
        _outcome = outcome;
    }

    public QuotaLease(RateLimitOutcome refusal)
        : this(false, refusal)
    {
    }

    public override bool IsAcquired { get; }

    public override IEnumerable<string> MetadataNames => _outcome is null
        ? []
        : [MetadataName.RetryAfter.Name, QuotaMetadata.Policy.Name, QuotaMetadata.Limit.Name, QuotaMetadata.Remaining.Name, QuotaMetadata.Reset.Name];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = _outcome is null ? null
            : metadataName == MetadataName.RetryAfter.Name ? TimeSpan.FromSeconds(_outcome.SecondsLeft)
            : metadataName == QuotaMetadata.Policy.Name ? _outcome.Policy.Name
            : metadataName == QuotaMetadata.Limit.Name ? _outcome.Policy.Quota
            : metadataName == QuotaMetadata.Remaining.Name ? 0L
            : metadataName == QuotaMetadata.Reset.Name ? DateTimeOffset.FromUnixTimeSeconds(_outcome.Reset)
            : null;
        return metadata is not null;
    }
}

/// <summary>Metadata of a refusal, beside <see cref="MetadataName.RetryAfter"/>.</summary>
internal static class QuotaMetadata
{
    /// <summary>Name of the policy that refused.</summary>
    public static readonly MetadataName<string> Policy = new("POLICY");

    /// <summary>Its quota.</summary>
    public static readonly MetadataName<long> Limit = new("LIMIT");

    /// <summary>What is left of it: 0.</summary>
    public static readonly MetadataName<long> Remaining = new("REMAINING");

    /// <summary>When its window ends.</summary>
    public static readonly MetadataName<DateTimeOffset> Reset = new("RESET");
}
