using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Outbound;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>
/// Posts events to receivers, which tenants choose and which may be anything: only hosts of the internet are connected to (<see cref="GuardedConnections"/>), redirects are not followed, time and size are bounded.
/// Connections live for one turn of one endpoint, so nothing that one receiver keeps open is another's loss.
/// </summary>
internal sealed class DeliverySender(HostLookup lookup, IOptions<WebhookOptions> webhooks, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private readonly GuardedConnections _connections = new(lookup, webhooks.Value.AllowLoopback == true);

    /// <summary>A client for one turn.</summary>
    public HttpMessageInvoker CreateClient()
    {
        var handler = _connections.CreateHandler();
        handler.MaxConnectionsPerServer = options.Value.PerEndpoint;
        handler.MaxResponseDrainSize = 0;
        handler.AutomaticDecompression = DecompressionMethods.None;
        return new HttpMessageInvoker(handler, disposeHandler: true);
    }

    /// <summary>Tries once; whatever goes wrong is an outcome.</summary>
    /// <exception cref="OperationCanceledException">The process ends.</exception>
    public async Task<DeliveryOutcome> SendAsync(HttpMessageInvoker client, string url, EndpointKeys keys, WaitingDelivery delivery, CancellationToken stopping)
    {
        var (at, started) = (time.GetUtcNow(), Stopwatch.GetTimestamp());
        _ = Uri.TryCreate(url, UriKind.Absolute, out var address);
        if (delivery.Body is null)
        {
            return Outcome(null, null, "The event is not kept any more.", null);
        }

        // As the registration saw it; asked once more, because what is allowed may have changed since.
        if (address is null || !_connections.Allows(address))
        {
            return Outcome(null, null, "The address may not be called.", null);
        }

        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        using var request = Request(address, keys, delivery, at);
        try
        {
            using var response = await client.SendAsync(request, either.Token);
            var status = (int)response.StatusCode;
            var error = response.IsSuccessStatusCode ? null
                : status is >= 300 and < 400 ? "Redirects are not followed."
                : string.Create(CultureInfo.InvariantCulture, $"The receiver answered {status}.");
            return Outcome(status, await ReadAsync(response, either.Token), error, Wish(response.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return Outcome(null, null, string.Create(CultureInfo.InvariantCulture, $"There was no answer within {options.Value.Timeout.TotalSeconds} s."), null);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException)
        {
            return Outcome(null, null, Sentence(failure), null);
        }

        DeliveryOutcome Outcome(int? status, string? body, string? error, TimeSpan? wish) =>
            new(status, body, error, wish, address?.GetLeftPart(UriPartial.Path) ?? "", at, Stopwatch.GetElapsedTime(started));

        TimeSpan? Wish(RetryConditionHeaderValue? header) => header?.Delta ?? (header?.Date is { } date ? date - at : null);
    }

    private static HttpRequestMessage Request(Uri address, EndpointKeys keys, WaitingDelivery delivery, DateTimeOffset at)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body!);
        var (id, timestamp) = (WebhookEvent.PublicIdOf(delivery.EventId), at.ToUnixTimeSeconds());
        var signatures = keys.Now.Sign(id, timestamp, body).Concat(keys.Before?.Sign(id, timestamp, body) ?? []);
        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(WebhookHeaders.ContentType) } },
        };
        request.Headers.Add("User-Agent", WebhookHeaders.UserAgent);
        request.Headers.Add(WebhookHeaders.Id, id);
        request.Headers.Add(WebhookHeaders.Timestamp, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookHeaders.Signature, string.Join(' ', signatures));
        request.Headers.Add(WebhookHeaders.PlainSignature, keys.Now.SignPlainly(body));
        if (keys.Before is { } before)
        {
            request.Headers.Add(WebhookHeaders.PreviousPlainSignature, before.SignPlainly(body));
        }

        return request;
    }

    /// <summary>The beginning of the answer; what of it does not come in time or at all is not worth a failure, because the status has.</summary>
    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = new byte[ResponseText.MaximumBytes];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (length < bytes.Length && await stream.ReadAsync(bytes.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or OperationCanceledException)
        {
            // What has come is kept.
        }

        return ResponseText.Of(bytes.AsSpan(0, length));
    }

    /// <summary>Nothing of how our network looks from inside.</summary>
    private static string Sentence(Exception failure)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case HttpRequestException { Message: var message } when message.Contains("not public", StringComparison.Ordinal):
                    return "The host has no address that may be called.";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "The host's name could not be resolved.";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return "The connection was refused.";
            }
        }

        return (failure as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "The host's name could not be resolved.",
            HttpRequestError.SecureConnectionError => "No secure connection could be made: the certificate or the protocol is not good.",
            HttpRequestError.ConfigurationLimitExceeded => "The answer's headers are too large.",
            HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded => "The answer was no HTTP, or ended too early.",
            _ => "The connection could not be made, or was lost.",
        };
    }
}
