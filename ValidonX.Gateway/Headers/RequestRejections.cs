using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Headers;

/// <summary>
/// Kestrel answers a request that it cannot read (absurd header, target or method) by itself, before any middleware and without a body, and
/// then closes the connection. It announces that on its diagnostic listener; here the envelope takes the place of that answer.
/// </summary>
internal sealed class RequestRejections(DiagnosticListener listener, TimeProvider time) : IHostedService, IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = listener.Subscribe(this, name => name == BadRequest);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // Under TLS the output below is the encrypted one, where only the server itself can answer.
        if (value.Value is IFeatureCollection features
            && features.Get<ITlsHandshakeFeature>() is null
            && features.Get<RejectionOutput>() is { } output
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IHttpRequestFeature>() is { } request
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException rejection)
        {
            output.Replace(Answer(request, ErrorOf(request.RawTarget, rejection.StatusCode)));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private byte[] Answer(IHttpRequestFeature request, ApiError error)
    {
        using var body = new MemoryStream();
        var answer = new DefaultHttpContext { Request = { Method = request.Method ?? "" }, Response = { Body = body } };
        answer.Request.Headers[RequestIds.Header] = request.Headers[RequestIds.Header];
        // Into memory, hence done at once.
        Envelope.WriteErrorAsync(answer, error).GetAwaiter().GetResult();

        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {error.Status} {ReasonPhrases.GetReasonPhrase(error.Status)}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Date: {time.GetUtcNow():R}\r\nConnection: close\r\n");
        foreach (var (name, value) in answer.Response.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body.ToArray()];
    }

    private static ApiError ErrorOf(string? target, int status) =>
        status switch
        {
            // A whole address that names another host than the header does: it is no address of ours.
            StatusCodes.Status400BadRequest when target?.Contains("://", StringComparison.Ordinal) == true && !target.StartsWith('/') => ApiErrors.RouteNotFound,
            StatusCodes.Status413PayloadTooLarge => ApiErrors.RequestTooLarge,
            StatusCodes.Status408RequestTimeout => ApiErrors.Malformed("The request came too slowly.") with { Status = status },
            StatusCodes.Status414UriTooLong => ApiErrors.RequestTooLarge with { Status = status, Message = "The request line is longer than this server accepts." },
            StatusCodes.Status431RequestHeaderFieldsTooLarge =>
                ApiErrors.RequestTooLarge with { Status = status, Message = "The headers are larger than this server accepts." },
            // Also an HTTP version that does not exist, for which the server says 505: the mistake is the caller's.
            _ => ApiErrors.Malformed("The request is not valid HTTP.") with { Status = status is >= 400 and < 500 ? status : StatusCodes.Status400BadRequest },
        };
}
