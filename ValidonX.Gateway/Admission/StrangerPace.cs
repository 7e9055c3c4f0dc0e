using Microsoft.Extensions.Options;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Admission;

/// <summary>
/// Keeps those apart from paying callers who have shown no valid credential: health probes, public routes, unknown routes, unknown keys. Beyond a number
/// that no honest address comes to, each of an address's requests is answered a second later. That costs a timer, where answering at once would cost
/// the processor time of those who wait for nothing but it: a client that waits for its answers sends one a second from each of its connections.
/// </summary>
internal sealed class StrangerPace(IOptions<AdmissionOptions> options, TimeProvider time)
{
    private readonly Suspects _addresses = new(options.Value.StrangersPerSecond, time);

    /// <summary>Counts the request against its sender and returns when it may be answered.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public Task WaitAsync(HttpContext context)
    {
        var address = ClientAddress.Of(context);
        _addresses.Count(address);
        return WaitIfBeyondAsync(context);
    }

    /// <summary>The same without counting it, for a request that may yet turn out to be an honest one.</summary>
    public Task WaitIfBeyondAsync(HttpContext context) =>
        _addresses.Contains(ClientAddress.Of(context)) ? Task.Delay(options.Value.StrangerDelay, time, context.RequestAborted) : Task.CompletedTask;

    /// <summary>Refuses, in time.</summary>
    public async Task RefuseAsync(HttpContext context, ApiError error)
    {
        await WaitAsync(context);
        await Envelope.WriteErrorAsync(context, error);
    }
}
