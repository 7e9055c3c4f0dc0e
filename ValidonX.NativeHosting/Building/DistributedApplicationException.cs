namespace Aspire.Hosting;

/// <summary>The stack cannot be described or started so; the message says why and what to do.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Says nothing.</summary>
    public DistributedApplicationException()
    {
    }

    /// <param name="message">Why, and what to do.</param>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <param name="message">Why, and what to do.</param>
    /// <param name="inner">What led to it.</param>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
