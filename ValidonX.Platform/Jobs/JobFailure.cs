namespace ValidonX.Platform.Jobs;

/// <summary>How an attempt failed and what follows.</summary>
/// <param name="Sentence">Why, in a sentence that may be shown.</param>
/// <param name="Retry">The pause before the next attempt, or <see langword="null"/> when there is none.</param>
public sealed record JobFailure(string Sentence, TimeSpan? Retry);
