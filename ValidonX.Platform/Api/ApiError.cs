using System.Collections.Immutable;

namespace ValidonX.Platform.Api;

/// <summary>A refusal as every caller sees it (CONTRACT §1 and §5).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code, <c>DOMAIN.REASON</c>.</param>
/// <param name="Message">One sentence for a developer; never an exception's text.</param>
public sealed record ApiError(int Status, string Code, string Message)
{
    /// <summary>More for programs: numbers, strings or arrays of strings by snake_case name.</summary>
    public ImmutableSortedDictionary<string, object> Details { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    /// <summary>Seconds for <c>Retry-After</c>, when trying again makes sense.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The first segment of <see cref="Code"/> in lower case.</summary>
    public string Type => Code[..Code.IndexOf('.', StringComparison.Ordinal)].ToLowerInvariant();
}
