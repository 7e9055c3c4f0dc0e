using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Audit;

/// <summary>Which entries are meant, of one tenant or of all.</summary>
/// <param name="TenantId">Only those of this tenant.</param>
/// <param name="Action">Only those of this action, or of those that begin so.</param>
/// <param name="Actor">Only those that this actor, or an actor of this kind, caused.</param>
/// <param name="Target">Only those about this thing.</param>
/// <param name="RequestId">Only those of this request.</param>
/// <param name="From">Only those from this time on.</param>
/// <param name="To">Only those before this time.</param>
internal sealed record AuditFilter(Guid? TenantId, string? Action, string? Actor, string? Target, string? RequestId, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Which entries a list shows.</summary>
internal record AuditQuery : ListQuery, IChecked
{
    /// <summary>Only those of this action; with a <c>*</c> at its end, of all actions that begin so.</summary>
    [AuditAction]
    [Example("license.*")]
    public string? Action { get; init; }

    /// <summary>Only those that somebody with this id caused, or somebody of this kind: <c>user</c>, <c>api_key</c>, <c>operator</c> or <c>system</c>.</summary>
    [Code(64)]
    [Example("operator")]
    public string? Actor { get; init; }

    /// <summary>Only those about the thing with this id.</summary>
    [Code(64)]
    [Example("0197a1c2-0000-7000-8000-000000000000")]
    public string? Target { get; init; }

    /// <summary>Only those of the request with this id.</summary>
    [VisibleAscii(128)]
    [Example("0197a1c2-0000-7000-8000-000000000001")]
    public string? RequestId { get; init; }

    /// <summary>Only those from this time on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => AuditPeriod.Check(at, From, To);

    /// <summary>As a filter, of one tenant or of all.</summary>
    public AuditFilter Filter(Guid? tenantId) => new(tenantId, Action, Actor, Target, RequestId, From, To);
}

/// <summary>Which entries of the whole platform a list shows.</summary>
internal sealed record PlatformAuditQuery : AuditQuery
{
    /// <summary>Only those of this tenant.</summary>
    public Guid? TenantId { get; init; }
}

/// <summary>What an export holds.</summary>
internal record AuditExportQuery : IChecked
{
    /// <summary>One JSON object a line, or comma-separated values with a head line.</summary>
    [Words("ndjson", "csv")]
    public string Format { get; init; } = "ndjson";

    /// <summary>Only those of this action; with a <c>*</c> at its end, of all actions that begin so.</summary>
    [AuditAction]
    [Example("license.*")]
    public string? Action { get; init; }

    /// <summary>Only those that somebody with this id caused, or somebody of this kind: <c>user</c>, <c>api_key</c>, <c>operator</c> or <c>system</c>.</summary>
    [Code(64)]
    [Example("operator")]
    public string? Actor { get; init; }

    /// <summary>Only those from this time on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => AuditPeriod.Check(at, From, To);

    /// <summary>As a filter, of one tenant or of all.</summary>
    public AuditFilter Filter(Guid? tenantId) => new(tenantId, Action, Actor, Target: null, RequestId: null, From, To);
}

/// <summary>What an export of the whole platform holds.</summary>
internal sealed record PlatformAuditExportQuery : AuditExportQuery
{
    /// <summary>Only those of this tenant.</summary>
    public Guid? TenantId { get; init; }
}

/// <summary>Which chain is checked.</summary>
internal sealed record ChainChoice : IRequest
{
    static bool IRequest.IsOptional => true;

    /// <summary>The tenant whose chain it is; by default all chains are checked, and that of the platform's own entries.</summary>
    public Guid? TenantId { get; init; }
}

/// <summary>An action, or the beginning of one.</summary>
internal sealed class AuditActionAttribute : TextAttribute
{
    public AuditActionAttribute()
        : base(64)
    {
        Pattern = @"^[A-Za-z0-9._-]+\*?$";
        PatternMessage = "Must be an action such as license.revoked, or the beginning of one such as license.*";
    }
}

/// <summary>Visible ASCII characters.</summary>
internal sealed class VisibleAsciiAttribute : TextAttribute
{
    public VisibleAsciiAttribute(int maximum)
        : base(maximum)
    {
        Pattern = "^[!-~]+$";
        PatternMessage = "Must only have visible ASCII characters.";
    }
}

internal static class AuditPeriod
{
    /// <summary>Notes a period that ends before it begins.</summary>
    public static void Check(FieldPlace at, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (from >= to)
        {
            at.Of("to").Fail("Must lie behind from.");
        }
    }
}
