namespace ValidonX.Platform.Payments;

/// <summary>The payment provider did not do what it was asked to. The sentence names no secret and can be shown to operators; what really happened is the inner exception.</summary>
/// <param name="sentence">The sentence.</param>
/// <param name="isPermanent">Whether trying again cannot help: what was asked for is wrong, or the key may not do it.</param>
/// <param name="inner">What really happened.</param>
public sealed class PaymentProviderException(string sentence, bool isPermanent, Exception inner) : Exception(sentence, inner)
{
    /// <summary>Whether trying again cannot help.</summary>
    public bool IsPermanent { get; } = isPermanent;
}
