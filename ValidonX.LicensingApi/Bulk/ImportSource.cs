using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>An upload as a stream of rows. Nothing of it is held but the row that is read.</summary>
internal abstract class ImportSource(string format, string head) : IAsyncDisposable
{
    /// <summary><c>csv</c> or <c>ndjson</c>.</summary>
    public string Format { get; } = format;

    /// <summary>The digest before the first row: what the rows mean.</summary>
    public byte[] Digest { get; } = SHA256.HashData(Encoding.UTF8.GetBytes($"{format}\n{head}"));

    /// <summary>Opens a request's body.</summary>
    /// <exception cref="ApiException">415: neither CSV nor JSON lines in UTF-8. 422: the head line is not one of a CSV of licenses.</exception>
    public static async Task<ImportSource> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed : null;
        if (type?.Charset is { HasValue: true } charset && !charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(NotTaken);
        }

        return type?.MediaType.Value?.ToLowerInvariant() switch
        {
            "text/csv" => await CsvSource.OpenAsync(request.Body, cancellationToken),
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" => new JsonLinesSource(request.BodyReader),
            _ => throw new ApiException(NotTaken),
        };
    }

    /// <summary>The upload is of a kind that is not taken.</summary>
    public static ApiError NotTaken { get; } = ApiErrors.UnsupportedMediaType with { Message = "Send the licenses as text/csv or application/x-ndjson in UTF-8." };

    /// <summary>The rows, in their order.</summary>
    public abstract IAsyncEnumerable<ImportRow> ReadAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
