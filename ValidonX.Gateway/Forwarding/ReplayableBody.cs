using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ValidonX.Gateway.Forwarding;

/// <summary>Keeps a small request body, so that the request can be sent a second time.</summary>
internal static class ReplayableBody
{
    /// <summary>Largest body that is kept.</summary>
    public const int MaximumBytes = 16 * 1024;

    /// <summary>Whether the request has no body, so that it can be repeated as it is.</summary>
    public static bool IsAbsent(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };

    /// <summary>
    /// Reads the body into memory and puts it back as a seekable <see cref="HttpRequest.Body"/>. <see langword="false"/>, with the body
    /// untouched, when it is (or might become) larger than <see cref="MaximumBytes"/>.
    /// </summary>
    public static async ValueTask<bool> KeepAsync(HttpContext context)
    {
        if (context.Request.ContentLength is not (>= 0 and <= MaximumBytes))
        {
            return false;
        }

        var reader = context.Request.BodyReader;
        ReadResult result;
        while (!(result = await reader.ReadAsync(context.RequestAborted)).IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        context.Request.Body = new MemoryStream(result.Buffer.ToArray(), writable: false);
        reader.AdvanceTo(result.Buffer.End);
        return true;
    }

    /// <summary>Goes back to the beginning of a kept body.</summary>
    public static void Rewind(HttpContext context)
    {
        if (context.Request.Body is MemoryStream kept)
        {
            kept.Position = 0;
        }
    }
}
