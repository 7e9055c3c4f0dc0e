using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using ValidonX.LicensingApi.Csv;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Audit;

/// <summary>
/// The entries as a file, oldest first, a page at a time as fast as the caller takes them: neither memory nor a connection to the database is held for the length of
/// the log. When the database fails on the way the connection is cut, so that half a file is never taken for the whole.
/// </summary>
internal sealed class AuditExport(AuditQueries queries, AuditFilter filter, string format, bool forOperator) : IResult
{
    private const int AtOnce = 500;

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private static readonly string[] Columns =
    [
        "id", "action", "actor_kind", "actor_id", "actor_name", "target_kind", "target_id", "request_id", "before", "after", "address", "at", "position", "previous_hash",
        "hash", "data_hash",
    ];

    private bool IsCsv => format == "csv";

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, aborted) = (httpContext.Response, httpContext.RequestAborted);
        // The first page before the head: a database that is away is still answered as such.
        var rows = await queries.ReadOnAsync(filter, Guid.Empty, AtOnce, forOperator, aborted);
        Envelope.SetHeaders(httpContext);
        response.ContentType = IsCsv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        response.Headers.ContentDisposition = new ContentDisposition { FileName = $"audit-log.{format}" }.ToString();
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (IsCsv)
        {
            await response.WriteAsync(CsvCell.Line(forOperator ? [.. Columns, "tenant_id", "data"] : Columns), aborted);
        }

        while (rows.Count > 0)
        {
            foreach (var row in rows)
            {
                await WriteAsync(response, row, aborted);
            }

            await response.Body.FlushAsync(aborted);
            rows = rows.Count < AtOnce ? [] : await queries.ReadOnAsync(filter, rows[^1].Id, AtOnce, forOperator, aborted);
        }
    }

    private async Task WriteAsync(HttpResponse response, ShownAuditEntry row, CancellationToken cancellationToken)
    {
        if (IsCsv)
        {
            await response.WriteAsync(CsvCell.Line(Cells(row)), cancellationToken);
            return;
        }

        await response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(row, LicensingJson.Default.ShownAuditEntry), cancellationToken);
        await response.BodyWriter.WriteAsync(LineEnd, cancellationToken);
    }

    private string?[] Cells(ShownAuditEntry row)
    {
        string?[] all =
        [
            row.Id.ToString(), row.Action, row.Actor.Kind, row.Actor.Id, row.Actor.Name, row.Target?.Kind, row.Target?.Id, row.RequestId, row.Before?.Text, row.After?.Text, row.Address,
            row.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture), row.Position?.ToString(CultureInfo.InvariantCulture), row.PreviousHash,
            row.Hash, row.DataHash,
        ];
        return forOperator ? [.. all, row.TenantId?.ToString(), row.Data?.Text] : all;
    }
}
