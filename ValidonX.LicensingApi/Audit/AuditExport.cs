using System.Globalization;
using ValidonX.LicensingApi.Exports;

namespace ValidonX.LicensingApi.Audit;

/// <summary>The entries of an audit log as a file.</summary>
internal sealed class AuditExport(AuditQueries queries, AuditFilter filter, string format, bool forOperator)
    : PagedExport<ShownAuditEntry>("audit-log", format, LicensingJson.Default.ShownAuditEntry)
{
    private static readonly string[] Own =
    [
        "id", "action", "actor_kind", "actor_id", "actor_name", "target_kind", "target_id", "request_id", "before", "after", "address", "at", "position", "previous_hash",
        "hash", "data_hash",
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Columns => forOperator ? [.. Own, "tenant_id", "data"] : Own;

    /// <inheritdoc/>
    protected override Task<IReadOnlyList<ShownAuditEntry>> ReadOnAsync(Guid after, CancellationToken cancellationToken) =>
        queries.ReadOnAsync(filter, after, AtOnce, forOperator, cancellationToken);

    /// <inheritdoc/>
    protected override Guid IdOf(ShownAuditEntry row) => row.Id;

    /// <inheritdoc/>
    protected override IEnumerable<string?> Cells(ShownAuditEntry row)
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
