namespace ValidonX.Provisioner.Webhooks;

/// <summary>What came of one try.</summary>
/// <param name="ResponseStatus">The status of the answer, if there was one.</param>
/// <param name="ResponseBody">Its beginning, as it may be shown.</param>
/// <param name="Error">Why it failed, in one sentence; <see langword="null"/> for success.</param>
/// <param name="RetryAfter">For how long the receiver wants to be left alone.</param>
/// <param name="Url">Whereto, without the query.</param>
/// <param name="At">When.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record DeliveryOutcome(int? ResponseStatus, string? ResponseBody, string? Error, TimeSpan? RetryAfter, string Url, DateTimeOffset At, TimeSpan Duration)
{
    private const int Gone = 410;

    /// <summary>Whether the receiver has taken it.</summary>
    public bool IsSuccess => Error is null;

    /// <summary>Whether the receiver wants nothing any more.</summary>
    public bool IsGone => ResponseStatus == Gone;
}
