using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Headers;

/// <summary>
/// Kestrel answers a request that it cannot read (absurd header, target or method) by itself, before any middleware and without a body.
/// It announces that on its diagnostic listener; here such an answer gets the envelope and the headers of every other one.
/// </summary>
internal sealed class RequestRejections(DiagnosticListener listener) : IHostedService, IObserver<KeyValuePair<string, object?>>
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
        if (value.Value is IFeatureCollection features
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException rejection)
        {
            // Written without waiting: the listener is synchronous, and so small an answer fits any buffer.
            _ = Envelope.WriteErrorAsync(new DefaultHttpContext(features), ErrorOf(rejection.StatusCode));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static ApiError ErrorOf(int status) =>
        status switch
        {
            StatusCodes.Status413PayloadTooLarge => ApiErrors.RequestTooLarge,
            StatusCodes.Status408RequestTimeout => ApiErrors.Malformed("The request came too slowly.") with { Status = status },
            StatusCodes.Status414UriTooLong => ApiErrors.RequestTooLarge with { Status = status, Message = "The request line is longer than this server accepts." },
            StatusCodes.Status431RequestHeaderFieldsTooLarge =>
                ApiErrors.RequestTooLarge with { Status = status, Message = "The headers are larger than this server accepts." },
            _ => ApiErrors.Malformed("The request is not valid HTTP.") with { Status = status },
        };
}
