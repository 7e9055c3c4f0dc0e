using System.Data.Common;
using Dapper;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>A row of <c>license_imports</c>.</summary>
internal sealed record ImportRecord
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, format, status, taken_count, created_count, failed_count, digest, created_at, updated_at, finished_at";

    public Guid Id { get; init; }

    public string Format { get; init; } = "";

    public string Status { get; init; } = "";

    /// <summary>Rows that were taken in.</summary>
    public long TakenCount { get; init; }

    public long CreatedCount { get; init; }

    public long FailedCount { get; init; }

    /// <summary>The digest of the rows that were taken in.</summary>
    public byte[] Digest { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether nothing comes any more.</summary>
    public bool HasEnded => Status != ImportStatus.Running;

    /// <summary>Locks an import's row, so that of several uploads of it one takes rows in.</summary>
    public static Task<ImportRecord?> LockAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<ImportRecord?>(new CommandDefinition(
            $"SELECT {Columns} FROM license_imports WHERE id = @id FOR UPDATE", new { id }, transaction, cancellationToken: cancellationToken));

    /// <summary>As its owner sees it.</summary>
    public ShownImport Show(DateTimeOffset now) =>
        new(
            Id,
            !HasEnded && UpdatedAt < now - ImportLimits.Silence ? ImportStatus.Interrupted : Status,
            Format,
            TakenCount,
            CreatedCount,
            FailedCount,
            CreatedAt,
            UpdatedAt,
            FinishedAt);
}
