using Yarp.ReverseProxy.Forwarder;

namespace ValidonX.Gateway.Forwarding;

/// <summary>When a failed request may be sent to another destination.</summary>
internal static class Repetition
{
    /// <summary>
    /// Whether the destination was never reached: no connection, hence not a byte of the request left, and repeating it is safe whatever
    /// it does.
    /// </summary>
    public static bool NeverArrived(ForwarderError error, Exception? exception) =>
        error == ForwarderError.Request
        && exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };

    /// <summary>
    /// Whether the connection broke before an answer began. The destination may have seen the request, so only one that reads may go out
    /// again. A timeout is not among them: what took too long once would take the caller's patience twice.
    /// </summary>
    public static bool BrokeBeforeAnswer(ForwarderError error) =>
        error is ForwarderError.Request or ForwarderError.ResponseHeaders or ForwarderError.RequestBodyDestination;
}
