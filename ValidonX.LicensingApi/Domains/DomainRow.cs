using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Domains;

namespace ValidonX.LicensingApi.Domains;

/// <summary>A row of <c>domains</c>.</summary>
internal sealed record DomainRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, host, challenge, verified_at, created_at";

    public Guid Id { get; init; }

    public string Host { get; init; } = "";

    /// <summary>What the record has to say; none of a host that an operator has vouched for.</summary>
    public string? Challenge { get; init; }

    public DateTimeOffset? VerifiedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The text of the record, if there is one.</summary>
    public string? RecordText => Challenge is { } challenge ? $"validonx-verification={challenge}" : null;

    /// <summary>As its owner sees it.</summary>
    public ShownDomain Show() =>
        new(
            Id,
            Host,
            VerifiedAt is null ? DomainStatus.Unverified : DomainStatus.Verified,
            RecordText is { } text && HostName.TryParse(Host, out var host) ? new DnsRecord(host.Record, "TXT", text) : null,
            VerifiedAt,
            CreatedAt);
}

/// <summary>Whether a host is the tenant's.</summary>
internal static class DomainStatus
{
    public const string Unverified = "unverified";
    public const string Verified = "verified";
}

/// <summary>A host under which the tenant's customers reach its pages.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Host">The host, in lower case and with A-labels.</param>
/// <param name="Status">Whether it has been proved that it is the tenant's; before, it leads nowhere.</param>
/// <param name="Record">What proves it, to be set in the domain's DNS.</param>
/// <param name="VerifiedAt">Since when it is proved.</param>
/// <param name="CreatedAt">When it was added.</param>
internal sealed record ShownDomain(
    Guid Id,
    [property: Example("licenses.acme.example")] string Host,
    [property: Words(DomainStatus.Unverified, DomainStatus.Verified)] string Status,
    DnsRecord? Record,
    DateTimeOffset? VerifiedAt,
    DateTimeOffset CreatedAt);

/// <summary>A record of the DNS.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">What it says.</param>
internal sealed record DnsRecord(
    [property: Example("_validonx.licenses.acme.example")] string Name,
    [property: Words("TXT")] string Type,
    [property: Example("validonx-verification=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE")] string Value);

/// <summary>The answer that holds one domain.</summary>
internal sealed record DomainAnswer(ShownDomain Domain);

/// <summary>What came of looking for the record.</summary>
/// <param name="Verified">Whether the host is proved to be the tenant's, now or already before.</param>
/// <param name="Problem">Why not: `no_record`, there is none under this name; `other_value`, what is there says something else; `no_answer`, the name servers did not answer.</param>
/// <param name="Found">What the DNS says under the record's name, as far as it was looked up.</param>
/// <param name="Domain">The domain as it is since.</param>
internal sealed record DomainVerification(
    bool Verified,
    [property: Words(LookupProblem.NoRecord, LookupProblem.OtherValue, LookupProblem.NoAnswer)] string? Problem,
    [property: Example("""["v=spf1 -all"]""")] IReadOnlyList<string> Found,
    ShownDomain Domain);

/// <summary>Why a record does not prove a host.</summary>
internal static class LookupProblem
{
    public const string NoRecord = "no_record";
    public const string OtherValue = "other_value";
    public const string NoAnswer = "no_answer";
}
