using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>Which refusals a request came to, so that a repetition is told the same.</summary>
internal static class KeptAnswers
{
    /// <summary>Not: what cannot be read, has bad fields or came from nobody never ran; what is too much or broke on our side may go well the next time.</summary>
    public static bool May(ApiError refusal) =>
        refusal.Code is not ("VALIDATION.FAILED" or "IDEMPOTENCY.IN_PROGRESS" or "IDEMPOTENCY.KEY_REUSED")
        && refusal.Status is not (400 or 401 or 413 or 415 or 429) and < 500;
}
