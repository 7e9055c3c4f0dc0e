using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using ValidonX.Gateway.Forwarding;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Admission;

/// <summary>
/// Waits for a request's body before the request takes a place anywhere, so that who sends slowly holds a connection and nothing else. The body
/// stays in the server's own buffer; nothing is copied.
/// </summary>
internal sealed class BodyReceipt(IOptions<AdmissionOptions> options, TimeProvider time)
{
    /// <summary>Of a larger body this much is awaited; the rest arrives under way, at a higher least rate.</summary>
    public const int MaximumBytes = 64 * 1024;

    private readonly MinDataRate _largeRate = Rate(options.Value.MinimumLargeBodyRate);

    /// <summary>A least rate with a grace of five seconds.</summary>
    public static MinDataRate Rate(int bytesPerSecond) => new(bytesPerSecond, TimeSpan.FromSeconds(5));

    /// <summary>Returns when the body is there.</summary>
    /// <param name="context">The request.</param>
    /// <param name="anonymousMaximum">The largest body of a caller without a credential, all of which is awaited.</param>
    /// <exception cref="ApiException">408: it came too slowly. 413: it is too large for a caller without a credential.</exception>
    public Task WaitAsync(HttpContext context, int? anonymousMaximum = null)
    {
        if (ReplayableBody.IsAbsent(context))
        {
            return Task.CompletedTask;
        }

        // Nearly always it came together with the headers.
        var reader = context.Request.BodyReader;
        if (reader.TryRead(out var read))
        {
            reader.AdvanceTo(read.Buffer.Start);
            if (read.IsCompleted && !(read.Buffer.Length > anonymousMaximum))
            {
                return Task.CompletedTask;
            }
        }

        return WaitAsync(context, reader, anonymousMaximum);
    }

    private async Task WaitAsync(HttpContext context, PipeReader reader, int? anonymousMaximum)
    {
        using var patience = new CancellationTokenSource(options.Value.BodyTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        try
        {
            var most = anonymousMaximum ?? MaximumBytes;
            ReadResult read;
            while (!(read = await reader.ReadAsync(end.Token)).IsCompleted && read.Buffer.Length <= most)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }

            var isTooLarge = read.Buffer.Length > most;
            // Nothing consumed and nothing examined: the next reader gets all of it at once.
            reader.AdvanceTo(read.Buffer.Start);
            if (isTooLarge && anonymousMaximum is not null)
            {
                throw new ApiException(ApiErrors.RequestTooLarge);
            }

            if (isTooLarge && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = _largeRate;
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(ApiErrors.BodyTooSlow);
        }
    }
}
