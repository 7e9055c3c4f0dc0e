namespace ValidonX.LicensingApi.Policies;

/// <summary>The answer that holds a policy.</summary>
/// <param name="Policy">Its members; what is null is not said.</param>
internal sealed record PolicyAnswer(Policy Policy);
