using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Licenses;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>The states of an import, as stored.</summary>
internal static class ImportStatus
{
    /// <summary>Rows come in.</summary>
    public const string Running = "running";

    /// <summary>Never stored: nothing has been heard of it for some time.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>All rows were looked at.</summary>
    public const string Completed = "completed";

    /// <summary>It could not be read to its end.</summary>
    public const string Failed = "failed";
}

/// <summary>An upload of licenses and what has become of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">
/// How far it is: <c>running</c>; <c>interrupted</c>, when nothing has come for a minute, and the same upload with the same <c>Idempotency-Key</c> goes on where it stands; <c>completed</c>, when each row
/// is a license or told among the errors; <c>failed</c>, when from some row on it could not be read.
/// </param>
/// <param name="Format">What was sent.</param>
/// <param name="Rows">Rows that were looked at.</param>
/// <param name="Created">Licenses that were made of them.</param>
/// <param name="Failed">Rows of which none was made.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="UpdatedAt">When rows were last taken in.</param>
/// <param name="FinishedAt">When it ended.</param>
internal sealed record ShownImport(
    Guid Id,
    [property: Words(ImportStatus.Running, ImportStatus.Interrupted, ImportStatus.Completed, ImportStatus.Failed)] string Status,
    [property: Words("csv", "ndjson")] string Format,
    long Rows,
    long Created,
    long Failed,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>The answer that holds one import.</summary>
internal sealed record ImportAnswer(ShownImport Import);

/// <summary>A row of an import of which no license was made.</summary>
/// <param name="Row">Its place among the rows, from 1; the head line and blank lines are none.</param>
/// <param name="Errors">What is wrong, all of it: sentences by field; what concerns the whole row under <c>row</c>.</param>
internal sealed record ShownImportError(long Row, [property: Shape(Microsoft.OpenApi.JsonSchemaType.Object)][property: Example("""{"expires_at": ["Must be a UTC time such as 2026-04-03T10:00:00Z."]}""")] RawJson Errors);

/// <summary>Which rows a list shows.</summary>
internal sealed record ImportErrorQuery
{
    /// <summary>Most items on the page.</summary>
    [Whole(1, 1_000)]
    [Example("100")]
    public int Limit { get; init; } = 100;

    /// <summary>Where the page begins: <c>meta.next_cursor</c> of the page before, which is the last row on it.</summary>
    [Whole(0, ImportLimits.Rows)]
    [Example("17")]
    public long Cursor { get; init; }
}

/// <summary>What an export holds.</summary>
internal sealed record LicenseExportQuery
{
    /// <summary>Comma-separated values with a head line, or one JSON object a line.</summary>
    [Words("csv", "ndjson")]
    public string Format { get; init; } = "csv";

    /// <summary>Only those in this state.</summary>
    [Words(ShownLicenseStatus.Active, ShownLicenseStatus.Suspended, ShownLicenseStatus.Expired, ShownLicenseStatus.Revoked)]
    public string? Status { get; init; }

    /// <summary>Only those of this product.</summary>
    public Guid? ProductId { get; init; }

    /// <summary>Only those with this text in their key, or the customer's name or e-mail address.</summary>
    [Text(128)]
    [Example("jane")]
    public string? Search { get; init; }

    /// <summary>The licenses that are meant.</summary>
    public LicenseSelection Selection => new() { Status = Status, ProductId = ProductId, Search = Search };
}
