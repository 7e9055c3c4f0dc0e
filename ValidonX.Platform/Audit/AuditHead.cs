namespace ValidonX.Platform.Audit;

/// <summary>A row of <c>audit_chains</c>: how far a chain goes.</summary>
public sealed record AuditHead
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "chain, position, last_id, hash, seal";

    /// <summary>The tenant; <see cref="Guid.Empty"/> for the entries of no tenant.</summary>
    public Guid Chain { get; init; }

    /// <summary>The place of the newest entry.</summary>
    public long Position { get; init; }

    /// <summary>The newest entry.</summary>
    public Guid LastId { get; init; }

    /// <summary>Its hash.</summary>
    public byte[] Hash { get; init; } = [];

    /// <summary>What <see cref="AuditSeal"/> makes of the above.</summary>
    public byte[] Seal { get; init; } = [];
}
