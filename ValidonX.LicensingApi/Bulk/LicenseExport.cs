using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using ValidonX.LicensingApi.Csv;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>
/// Licenses as a file, oldest first, a page at a time as fast as the caller takes them. What it says can be imported again. When the database fails on the way the connection is cut, so that
/// half a file is never taken for the whole.
/// </summary>
internal sealed class LicenseExport(LicenseQueries licenses, TenantPlacement placement, LicenseExportQuery query, TimeProvider time) : IResult
{
    private const int AtOnce = 500;

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private static readonly string[] Columns =
    [
        "id", "key", "type", "status", "product_id", "expires_at", "grace_days", "customer_name", "customer_email", "entitlements", "metadata", "activations_count", "last_used_at", "created_at",
    ];

    private bool IsCsv => query.Format == "csv";

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, aborted) = (httpContext.Response, httpContext.RequestAborted);
        // The first page before the head: a database that is away is still answered as such.
        var rows = await ReadOnAsync(Guid.Empty, aborted);
        Envelope.SetHeaders(httpContext);
        response.ContentType = IsCsv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        response.Headers.ContentDisposition = new ContentDisposition { FileName = $"licenses.{query.Format}" }.ToString();
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (IsCsv)
        {
            await response.WriteAsync(CsvCell.Line(Columns), aborted);
        }

        while (rows.Count > 0)
        {
            foreach (var (license, entitlements) in rows)
            {
                // Its own rules, not those that it inherits: taken in again it inherits them again.
                var shown = license.Show(entitlements, time.GetUtcNow());
                await WriteAsync(response, shown with { Entitlements = new RawJson(Entitlement.ToObject(entitlements)), Policy = shown.PolicyOverrides }, aborted);
            }

            await response.Body.FlushAsync(aborted);
            rows = rows.Count < AtOnce ? [] : await ReadOnAsync(rows[^1].License.Id, aborted);
        }
    }

    private Task<IReadOnlyList<(LicenseRecord License, IReadOnlyList<Entitlement> Entitlements)>> ReadOnAsync(Guid after, CancellationToken cancellationToken) =>
        licenses.ReadOnAsync(placement, query.Selection, after, AtOnce, cancellationToken);

    private async Task WriteAsync(HttpResponse response, LicenseDetails license, CancellationToken cancellationToken)
    {
        if (IsCsv)
        {
            await response.WriteAsync(CsvCell.Line(Cells(license)), cancellationToken);
            return;
        }

        await response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(license, LicensingJson.Default.LicenseDetails), cancellationToken);
        await response.BodyWriter.WriteAsync(LineEnd, cancellationToken);
    }

    private static IEnumerable<string?> Cells(LicenseDetails license) =>
    [
        license.Id.ToString(), license.Key, license.Type, license.Status, license.ProductId?.ToString(), Text(license.ExpiresAt), license.GraceDays.ToString(CultureInfo.InvariantCulture),
        license.Customer?.Name, license.Customer?.Email, license.Entitlements.Text, license.Metadata.Text, license.ActivationsCount.ToString(CultureInfo.InvariantCulture), Text(license.LastUsedAt),
        Text(license.CreatedAt),
    ];

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
