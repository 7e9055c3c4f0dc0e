using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Api;

/// <summary>
/// The outermost middleware of every HTTP service: turns exceptions and bare status codes (no route, wrong method, body too large)
/// into the envelope. The exception goes to the log under the request's id; nothing of it reaches the caller.
/// </summary>
public static partial class ApiErrorsMiddleware
{
    /// <summary>Adds it; call it first.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="logger">Where failures go.</param>
    /// <param name="ended">Called with each request at its end, whatever became of it.</param>
    public static IApplicationBuilder UseApiErrors(this IApplicationBuilder app, ILogger logger, Action<HttpContext>? ended = null)
    {
        var outage = app.ApplicationServices.GetRequiredService<DatabaseOutage>();
        return app.Use(next => context => InvokeAsync(context, next, logger, outage, ended));
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, ILogger logger, DatabaseOutage outage, Action<HttpContext>? ended)
    {
        Envelope.SetHeaders(context);
        try
        {
            try
            {
                await next(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The caller has gone; there is no one to answer.
                return;
            }
            catch (Exception exception) when (!context.Response.HasStarted)
            {
                await AnswerAsync(context, ErrorOf(context, exception, logger, outage));
                return;
            }

            if (!context.Response.HasStarted && ErrorOf(context.Response.StatusCode) is { } error && context.Response.ContentType is null)
            {
                await AnswerAsync(context, error);
            }
        }
        finally
        {
            ended?.Invoke(context);
        }
    }

    private static Task AnswerAsync(HttpContext context, ApiError error)
    {
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        if (error.Status == StatusCodes.Status405MethodNotAllowed && allow.Count > 0)
        {
            context.Response.Headers.Allow = allow;
        }

        return Envelope.WriteErrorAsync(context, error);
    }

    private static ApiError ErrorOf(HttpContext context, Exception exception, ILogger logger, DatabaseOutage outage)
    {
        switch (exception)
        {
            case ApiException refusal:
                return refusal.Error;
            case ChangeNotAnnouncedException:
                return ApiErrors.Unannounced;
            case BadHttpRequestException bad:
                return bad.StatusCode switch
                {
                    StatusCodes.Status413PayloadTooLarge => ApiErrors.RequestTooLarge,
                    StatusCodes.Status415UnsupportedMediaType => ApiErrors.UnsupportedMediaType,
                    StatusCodes.Status408RequestTimeout => ApiErrors.BodyTooSlow,
                    _ => ApiErrors.Malformed("The request cannot be read."),
                };
            case { } away when DatabaseError.IsUnavailable(away):
                outage.Note(away);
                return ApiErrors.Unavailable;
            case DbException when DatabaseError.IsTransient(exception) || DatabaseError.IsUnknownTable(exception):
                Log.GaveUp(logger, RequestIds.Of(context), exception.Message);
                return ApiErrors.Unavailable;
            default:
                Log.Failed(logger, RequestIds.Of(context), exception);
                return ApiErrors.ServerError;
        }
    }

    private static ApiError? ErrorOf(int status) =>
        status switch
        {
            StatusCodes.Status400BadRequest => ApiErrors.Malformed("The request cannot be read."),
            StatusCodes.Status401Unauthorized => ApiErrors.Unauthenticated,
            StatusCodes.Status403Forbidden => ApiErrors.Forbidden,
            StatusCodes.Status404NotFound => ApiErrors.RouteNotFound,
            StatusCodes.Status405MethodNotAllowed => ApiErrors.MethodNotAllowed,
            StatusCodes.Status413PayloadTooLarge => ApiErrors.RequestTooLarge,
            StatusCodes.Status415UnsupportedMediaType => ApiErrors.UnsupportedMediaType,
            StatusCodes.Status502BadGateway => ApiErrors.BadGateway,
            StatusCodes.Status503ServiceUnavailable => ApiErrors.Unavailable,
            StatusCodes.Status504GatewayTimeout => ApiErrors.GatewayTimeout,
            >= 400 and < 500 => ApiErrors.Malformed("The request cannot be served.") with { Status = status },
            >= 500 => ApiErrors.ServerError,
            _ => null,
        };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {RequestId} failed.")]
        public static partial void Failed(ILogger logger, string requestId, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "Request {RequestId} was refused: its transaction lost against others again and again. {Reason}")]
        public static partial void GaveUp(ILogger logger, string requestId, string reason);
    }
}
