using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>
/// Writes the shape that every answer has (CONTRACT §1): <c>data</c> or <c>error</c>, and <c>meta</c> with the request's id; and the
/// two headers that go with it. The one place that knows the shape.
/// </summary>
public static class Envelope
{
    /// <summary>The header that names the API's version.</summary>
    public const string VersionHeader = "X-ValidonX-API-Version";

    /// <summary>The version, in the header and in <c>meta</c>.</summary>
    public const string Version = "1";

    private const string ContentType = "application/json; charset=utf-8";

    private static readonly ReadOnlyMemory<byte> DataPrefix = "{\"data\":"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> ErrorPrefix = "{\"error\":"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> MetaPrefix = ",\"meta\":{\"request_id\":\""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> MetaSuffix = "\",\"api_version\":\"1\"}}"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> OnlyPageSuffix = "\",\"api_version\":\"1\",\"next_cursor\":null}}"u8.ToArray();

    // Output goes to programs as application/json, never into HTML: only what JSON demands is escaped.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Sets the headers that every answer carries.</summary>
    public static void SetHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[RequestIds.Header] = RequestIds.Of(context);
        headers[VersionHeader] = Version;
    }

    /// <summary>Answers with data.</summary>
    public static Task WriteAsync<T>(HttpContext context, int status, T data, JsonTypeInfo<T> type, string? nextCursor = null, bool isList = false)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            // What a write comes to may show a key or a token, and is nothing to keep in any case.
            context.Response.Headers.CacheControl = "no-store";
        }

        var buffer = Begin(context, status, out var writer);
        using (writer)
        {
            writer.WritePropertyName("data"u8);
            JsonSerializer.Serialize(writer, data, type);
            End(context, writer, nextCursor, isList);
        }

        return SendAsync(context, buffer);
    }

    /// <summary>Data as it would stand in an answer, for <see cref="WriteRawAsync"/> to send as often as it is asked for.</summary>
    public static byte[] Render<T>(T data, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            JsonSerializer.Serialize(writer, data, type);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A refusal as it would stand in an answer.</summary>
    internal static byte[] RenderError(ApiError error)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            WriteError(writer, error);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Answers with data that is JSON already, copied once, straight into the response.</summary>
    public static Task WriteRawAsync(HttpContext context, int status, ReadOnlyMemory<byte> data) =>
        SpliceAsync(context, status, DataPrefix, data, MetaSuffix);

    /// <summary>The same with a list that is all on one page.</summary>
    public static Task WriteRawListAsync(HttpContext context, int status, ReadOnlyMemory<byte> data) =>
        SpliceAsync(context, status, DataPrefix, data, OnlyPageSuffix);

    /// <summary>Answers with a refusal that is JSON already: the <c>error</c> member of an earlier answer.</summary>
    public static Task WriteRawErrorAsync(HttpContext context, int status, ReadOnlyMemory<byte> error)
    {
        context.Response.Headers.CacheControl = "no-store";
        return SpliceAsync(context, status, ErrorPrefix, error, MetaSuffix);
    }

    /// <summary>Answers with a refusal.</summary>
    public static Task WriteErrorAsync(HttpContext context, ApiError error)
    {
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        context.Response.Headers.CacheControl = "no-store";
        if (error.Status is StatusCodes.Status413PayloadTooLarge or StatusCodes.Status408RequestTimeout)
        {
            // The rest of the body is not read, so the server closes the connection: the caller must not send its next request on it.
            context.Response.Headers.Connection = "close";
        }

        var buffer = Begin(context, error.Status, out var writer);
        using (writer)
        {
            writer.WritePropertyName("error"u8);
            WriteError(writer, error);
            End(context, writer, nextCursor: null, isList: false);
        }

        return SendAsync(context, buffer);
    }

    private static ArrayBufferWriter<byte> Begin(HttpContext context, int status, out Utf8JsonWriter writer)
    {
        SetHead(context, status);
        var buffer = new ArrayBufferWriter<byte>(512);
        writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        return buffer;
    }

    private static void SetHead(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.ContentType = ContentType;
        SetHeaders(context);
    }

    private static Task SpliceAsync(HttpContext context, int status, ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> suffix)
    {
        SetHead(context, status);
        var id = EscapedRequestId(context);
        var length = prefix.Length + json.Length + MetaPrefix.Length + id.Length + suffix.Length;
        context.Response.ContentLength = length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        // Once the head is out, what is written goes into the connection's own buffer instead of a copy.
        var started = context.Response.StartAsync(context.RequestAborted);
        return started.IsCompletedSuccessfully
            ? WriteSpliced(context, prefix, json, id, suffix, length)
            : AwaitAndWriteAsync(started, context, prefix, json, id, suffix, length);
    }

    private static async Task AwaitAndWriteAsync(
        Task started, HttpContext context, ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> json, string id, ReadOnlyMemory<byte> suffix, int length)
    {
        await started;
        await WriteSpliced(context, prefix, json, id, suffix, length);
    }

    private static Task WriteSpliced(
        HttpContext context, ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> json, string id, ReadOnlyMemory<byte> suffix, int length)
    {
        var output = context.Response.BodyWriter;
        var span = output.GetSpan(length);
        var rest = Copy(prefix.Span, span);
        rest = Copy(json.Span, rest);
        rest = Copy(MetaPrefix.Span, rest);
        rest = rest[System.Text.Encoding.ASCII.GetBytes(id, rest)..];
        Copy(suffix.Span, rest);
        output.Advance(length);
        // The server sends what is written when the request ends: one write to the socket.
        return Task.CompletedTask;
    }

    private static Span<byte> Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        source.CopyTo(target);
        return target[source.Length..];
    }

    private static string EscapedRequestId(HttpContext context)
    {
        var id = RequestIds.Of(context);
        return id.AsSpan().IndexOfAny('"', '\\') < 0 ? id : JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(id);
    }

    private static void End(HttpContext context, Utf8JsonWriter writer, string? nextCursor, bool isList)
    {
        writer.WriteStartObject("meta"u8);
        writer.WriteString("request_id"u8, RequestIds.Of(context));
        writer.WriteString("api_version"u8, Version);
        if (isList)
        {
            writer.WriteString("next_cursor"u8, nextCursor);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
    }

    private static Task SendAsync(HttpContext context, ArrayBufferWriter<byte> buffer)
    {
        context.Response.ContentLength = buffer.WrittenCount;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }

    private static void WriteError(Utf8JsonWriter writer, ApiError error)
    {
        writer.WriteStartObject();
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("type"u8, error.Type);
        writer.WriteNumber("status"u8, error.Status);
        writer.WriteStartObject("details"u8);
        foreach (var (name, value) in error.Details)
        {
            writer.WritePropertyName(name);
            WriteDetail(writer, value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteDetail(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case ImmutableSortedDictionary<string, object> members:
                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WritePropertyName(name);
                    WriteDetail(writer, member);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable<string> texts:
                writer.WriteStartArray();
                foreach (var text in texts)
                {
                    writer.WriteStringValue(text);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"An error's details cannot hold a {value.GetType().Name}.", nameof(value));
        }
    }
}
