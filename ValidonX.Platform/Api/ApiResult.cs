using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>Answers in the envelope, for endpoint methods to return.</summary>
public static class ApiResult
{
    /// <summary>200 with data.</summary>
    public static IApiResult Ok<T>(T data, JsonTypeInfo<T> type) => new DataResult<T>(StatusCodes.Status200OK, data, type);

    /// <summary>201 with data.</summary>
    public static IApiResult Created<T>(T data, JsonTypeInfo<T> type) => new DataResult<T>(StatusCodes.Status201Created, data, type);

    /// <summary>202 with data, and where to look how it goes on.</summary>
    public static IApiResult Accepted<T>(T data, JsonTypeInfo<T> type, string? location = null) =>
        new DataResult<T>(StatusCodes.Status202Accepted, data, type) { Location = location };

    /// <summary>200 with one page of a list.</summary>
    public static IResult Page<T>(T data, JsonTypeInfo<T> type, string? nextCursor) =>
        new DataResult<T>(StatusCodes.Status200OK, data, type) { IsList = true, NextCursor = nextCursor };

    /// <summary>204.</summary>
    public static IApiResult NoContent { get; } = new EmptyAnswer();

    /// <summary>A refusal.</summary>
    public static IApiResult Error(ApiError error) => new ErrorResult(error);

    private sealed record DataResult<T>(int Status, T Data, JsonTypeInfo<T> TypeInfo) : IApiResult
    {
        public string? Location { get; init; }

        public string? NextCursor { get; init; }

        public bool IsList { get; init; }

        public bool IsError => false;

        public byte[] Render() => Envelope.Render(Data, TypeInfo);

        public Task ExecuteAsync(HttpContext httpContext)
        {
            if (Location is not null)
            {
                httpContext.Response.Headers.Location = Location;
            }

            return Envelope.WriteAsync(httpContext, Status, Data, TypeInfo, NextCursor, IsList);
        }
    }

    private sealed record ErrorResult(ApiError Refusal) : IApiResult
    {
        public int Status => Refusal.Status;

        public bool IsError => true;

        public string? Location => null;

        public byte[] Render() => Envelope.RenderError(Refusal);

        public Task ExecuteAsync(HttpContext httpContext) => Envelope.WriteErrorAsync(httpContext, Refusal);
    }

    private sealed class EmptyAnswer : IApiResult
    {
        public int Status => StatusCodes.Status204NoContent;

        public bool IsError => false;

        public string? Location => null;

        public byte[] Render() => [];

        public Task ExecuteAsync(HttpContext httpContext)
        {
            Envelope.SetHeaders(httpContext);
            httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
    }
}
