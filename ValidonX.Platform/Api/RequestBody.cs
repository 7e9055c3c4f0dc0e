using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>
/// A request's JSON object as it was sent: text that is UTF-8, JSON without members of one name, an object at its root, not nested beyond reason. What its
/// fields have to be like is for whoever reads them.
/// </summary>
public sealed class RequestBody
{
    private const int MaximumDepth = 16;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaximumDepth, AllowDuplicateProperties = false };

    private RequestBody(JsonElement root, ReadOnlyMemory<byte> utf8)
    {
        Root = root;
        Utf8 = utf8;
    }

    /// <summary>The object.</summary>
    public JsonElement Root { get; }

    /// <summary>The bytes as received, for hashing.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Reads the whole body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="optional">An absent body is an empty object.</param>
    /// <exception cref="ApiException">400 not a JSON object in UTF-8, 413 too large, 415 not JSON by its Content-Type.</exception>
    public static async Task<RequestBody> ReadAsync(HttpContext context, bool optional = false)
    {
        var request = context.Request;
        using var buffer = new MemoryStream(request.ContentLength is > 0 and < 65536 and var length ? (int)length : 1024);
        await request.Body.CopyToAsync(buffer, context.RequestAborted);
        var bytes = buffer.ToArray();
        if (bytes.Length == 0)
        {
            return optional
                ? new RequestBody(JsonDocument.Parse("{}").RootElement, bytes)
                : throw new ApiException(ApiErrors.Malformed("The request needs a JSON body."));
        }

        if (!request.HasJsonContentType() || !IsUtf8(request))
        {
            throw new ApiException(ApiErrors.UnsupportedMediaType);
        }

        return Parse(bytes);
    }

    /// <summary>Reads bytes that are at hand.</summary>
    /// <exception cref="ApiException">400: not a JSON object in UTF-8.</exception>
    public static RequestBody Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            // The parser leaves strings undecoded, so bad UTF-8 would surface only where a value is used.
            if (!System.Text.Unicode.Utf8.IsValid(bytes.Span))
            {
                throw new ApiException(ApiErrors.Malformed("The body is not valid UTF-8."));
            }

            var root = JsonDocument.Parse(bytes, Reading).RootElement;
            if (bytes.Span.IndexOf("\\u"u8) >= 0)
            {
                RequireReadableNames(root);
            }

            return root.ValueKind == JsonValueKind.Object
                ? new RequestBody(root, bytes)
                : throw new ApiException(ApiErrors.Malformed("The body is not a JSON object."));
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a member's name has an escaped lone surrogate, which is JSON by its grammar and no text.
            throw new ApiException(ApiErrors.Malformed("The body is not valid JSON."));
        }
    }

    /// <summary>A string's text; <see langword="null"/> when it is no string, or one that is no Unicode text (an escaped lone surrogate).</summary>
    public static string? ReadText(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void RequireReadableNames(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                _ = member.Name;
                RequireReadableNames(member.Value);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                RequireReadableNames(item);
            }
        }
    }

    private static bool IsUtf8(HttpRequest request)
    {
        var charset = request.GetTypedHeaders().ContentType?.Charset;
        return charset is not { HasValue: true } || charset.Value.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || charset.Value.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase);
    }
}
