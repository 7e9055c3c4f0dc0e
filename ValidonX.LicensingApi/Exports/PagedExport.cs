using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ValidonX.LicensingApi.Csv;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Exports;

/// <summary>
/// Rows as a file, oldest first, a page at a time as fast as the caller takes them: neither memory nor a connection to the database is held for the length of it. When the
/// database fails on the way the connection is cut, so that half a file is never taken for the whole.
/// </summary>
/// <param name="name">The file's name, without what follows the point.</param>
/// <param name="format"><c>csv</c>, or <c>ndjson</c>: one JSON object a line.</param>
/// <param name="type">How a row is written as JSON.</param>
internal abstract class PagedExport<T>(string name, string format, JsonTypeInfo<T> type) : IResult
{
    /// <summary>Rows of a page.</summary>
    protected const int AtOnce = 500;

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private bool IsCsv => format == "csv";

    /// <summary>The names of a CSV's columns.</summary>
    protected abstract IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, aborted) = (httpContext.Response, httpContext.RequestAborted);
        // The first page before the head: a database that is away is still answered as such.
        var rows = await ReadOnAsync(Guid.Empty, aborted);
        Envelope.SetHeaders(httpContext);
        response.ContentType = IsCsv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        response.Headers.ContentDisposition = new ContentDisposition { FileName = $"{name}.{format}" }.ToString();
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (IsCsv)
        {
            await response.WriteAsync(CsvCell.Line(Columns), aborted);
        }

        while (rows.Count > 0)
        {
            foreach (var row in rows)
            {
                await WriteAsync(response, row, aborted);
            }

            await response.Body.FlushAsync(aborted);
            rows = rows.Count < AtOnce ? [] : await ReadOnAsync(IdOf(rows[^1]), aborted);
        }
    }

    /// <summary>The next page, <see cref="AtOnce"/> rows if there are so many.</summary>
    /// <param name="after">The id of the last row before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    protected abstract Task<IReadOnlyList<T>> ReadOnAsync(Guid after, CancellationToken cancellationToken);

    /// <summary>A row's id.</summary>
    protected abstract Guid IdOf(T row);

    /// <summary>A row's cells in a CSV.</summary>
    protected abstract IEnumerable<string?> Cells(T row);

    private async Task WriteAsync(HttpResponse response, T row, CancellationToken cancellationToken)
    {
        if (IsCsv)
        {
            await response.WriteAsync(CsvCell.Line(Cells(row)), cancellationToken);
            return;
        }

        await response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(row, type), cancellationToken);
        await response.BodyWriter.WriteAsync(LineEnd, cancellationToken);
    }
}
