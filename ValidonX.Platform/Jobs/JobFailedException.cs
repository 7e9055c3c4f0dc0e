namespace ValidonX.Platform.Jobs;

/// <summary>
/// Why a job's attempt failed, in a sentence that is stored and shown to operators: it names no secret, address or statement. What
/// really happened is the inner exception, which goes to the log.
/// </summary>
/// <param name="sentence">The sentence.</param>
/// <param name="isPermanent">Whether trying again cannot help.</param>
/// <param name="inner">What really happened.</param>
public sealed class JobFailedException(string sentence, bool isPermanent = false, Exception? inner = null) : Exception(sentence, inner)
{
    /// <summary>Whether trying again cannot help.</summary>
    public bool IsPermanent { get; } = isPermanent;
}
