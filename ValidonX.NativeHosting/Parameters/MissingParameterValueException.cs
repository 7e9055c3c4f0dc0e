namespace Aspire.Hosting;

/// <summary>A required parameter has no value.</summary>
public class MissingParameterValueException : DistributedApplicationException
{
    /// <param name="message">Which one, and how to give it.</param>
    public MissingParameterValueException(string message)
        : base(message)
    {
    }

    /// <param name="message">Which one, and how to give it.</param>
    /// <param name="innerException">What led to it.</param>
    public MissingParameterValueException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
