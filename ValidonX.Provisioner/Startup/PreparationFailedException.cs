namespace ValidonX.Provisioner.Startup;

/// <summary>The platform cannot be prepared; the message is the one sentence for the operator.</summary>
internal sealed class PreparationFailedException(string sentence, Exception inner) : Exception(sentence, inner);
