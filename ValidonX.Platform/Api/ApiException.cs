namespace ValidonX.Platform.Api;

/// <summary>
/// Carries a refusal out of code that cannot return one: body readers and middleware. Ordinary outcomes are returned instead.
/// </summary>
public sealed class ApiException(ApiError error) : Exception(error.Code)
{
    /// <summary>What the caller gets.</summary>
    public ApiError Error { get; } = error;
}
