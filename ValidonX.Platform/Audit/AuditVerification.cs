using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Audit;

/// <summary>What a look at a whole chain came to.</summary>
/// <param name="Checked">Entries that were looked at and are as they were written.</param>
/// <param name="Pending">Entries too new to have their place yet.</param>
/// <param name="Head">How far the chain goes; <see langword="null"/> when it has not begun.</param>
/// <param name="Break">Where it is broken, if it is.</param>
public sealed record AuditVerdict(long Checked, long Pending, AuditHead? Head, AuditBreak? Break);

/// <summary>The first place where a chain is not as it was written.</summary>
/// <param name="EntryId">The entry that is wrong, or the first one behind those that are missing.</param>
/// <param name="Position">The place.</param>
/// <param name="Reason">One of the words below.</param>
public sealed record AuditBreak(Guid EntryId, long Position, string Reason)
{
    /// <summary>Entries before it are missing.</summary>
    public const string Missing = "missing";

    /// <summary>It was put in, or moved, by somebody else than who links entries.</summary>
    public const string Inserted = "inserted";

    /// <summary>It follows another entry than it did.</summary>
    public const string Reordered = "reordered";

    /// <summary>It was changed.</summary>
    public const string Changed = "changed";

    /// <summary>The newest entries are missing, or what tells how far the chain goes was changed.</summary>
    public const string End = "end";
}

/// <summary>Reads a chain from its first entry to its newest and computes every hash again. In memory there is a thousand entries at a time, and nothing is locked.</summary>
public sealed class AuditVerification(PlatformDatabase platform, AuditSeal seal)
{
    private const int AtOnce = 1_000;

    /// <summary>Looks at the chain of a tenant, or at that of the entries of no tenant.</summary>
    public async Task<AuditVerdict> VerifyAsync(Guid? tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var head = await HeadAsync(connection, tenantId, cancellationToken);
        var end = head?.Position ?? 0;
        var (at, previous, failure) = (0L, AuditHash.Origin, (AuditBreak?)null);
        while (failure is null && at < end)
        {
            var rows = (await connection.QueryAsync<AuditEntry>(new CommandDefinition(
                $"""
                SELECT {AuditEntry.Columns} FROM audit_logs
                WHERE tenant_id <=> @tenantId AND position > @at AND position <= @end ORDER BY position, id LIMIT {AtOnce}
                """,
                new { tenantId, at, end },
                cancellationToken: cancellationToken))).AsList();
            if (rows.Count == 0)
            {
                failure = new AuditBreak(head!.LastId, at + 1, AuditBreak.End);
            }

            foreach (var row in rows)
            {
                failure = BreakOf(row, at + 1, previous);
                if (failure is not null)
                {
                    break;
                }

                (at, previous) = (at + 1, row.Hash!);
            }
        }

        // Also what lies before the place where the chain begins, and twice at the place where a page ended.
        failure ??= await StrangerAsync(connection, tenantId, at, cancellationToken);
        failure ??= head is not null && (!head.Hash.AsSpan().SequenceEqual(previous) || !seal.IsIntact(head)) ? new AuditBreak(head.LastId, head.Position, AuditBreak.End) : null;
        var pending = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM audit_logs WHERE position IS NULL AND tenant_id <=> @tenantId",
            new { tenantId },
            cancellationToken: cancellationToken));
        return new AuditVerdict(at, pending, head, failure);
    }

    /// <summary>The end of a chain.</summary>
    public static Task<AuditHead?> HeadAsync(DbConnection connection, Guid? tenantId, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<AuditHead?>(new CommandDefinition(
            $"SELECT {AuditHead.Columns} FROM audit_chains WHERE chain = @chain",
            new { chain = tenantId ?? Guid.Empty },
            cancellationToken: cancellationToken));

    private static AuditBreak? BreakOf(AuditEntry row, long expected, byte[] previous)
    {
        var reason = row.Position != expected ? row.Position > expected ? AuditBreak.Missing : AuditBreak.Inserted
            : row.PreviousHash is null || !row.PreviousHash.AsSpan().SequenceEqual(previous) ? AuditBreak.Reordered
            : row.Hash is null || !row.Hash.AsSpan().SequenceEqual(AuditHash.Of(row, expected, previous)) ? AuditBreak.Changed
            : null;
        return reason is null ? null : new AuditBreak(row.Id, reason == AuditBreak.Inserted ? row.Position!.Value : expected, reason);
    }

    /// <summary>An entry that has a place which the chain does not have, or has once already.</summary>
    private static async Task<AuditBreak?> StrangerAsync(DbConnection connection, Guid? tenantId, long at, CancellationToken cancellationToken)
    {
        var beyond = await connection.QuerySingleOrDefaultAsync<AuditEntry?>(new CommandDefinition(
            $"SELECT {AuditEntry.Columns} FROM audit_logs WHERE tenant_id <=> @tenantId AND position > @at ORDER BY position LIMIT 1",
            new { tenantId, at },
            cancellationToken: cancellationToken));
        if (beyond is not null && ((await HeadAsync(connection, tenantId, cancellationToken))?.Position ?? 0) < beyond.Position)
        {
            return new AuditBreak(beyond.Id, beyond.Position!.Value, AuditBreak.Inserted);
        }

        var counted = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM audit_logs WHERE tenant_id <=> @tenantId AND position <= @at",
            new { tenantId, at },
            cancellationToken: cancellationToken));
        if (counted == at)
        {
            return null;
        }

        var extra = await connection.QuerySingleAsync<(Guid Id, long Position)>(new CommandDefinition(
            """
            SELECT a.id, a.position FROM audit_logs a
            WHERE a.tenant_id <=> @tenantId AND a.position <= @at
              AND (a.position < 1 OR EXISTS (SELECT 1 FROM audit_logs b WHERE b.tenant_id <=> a.tenant_id AND b.position = a.position AND b.id < a.id))
            ORDER BY a.position LIMIT 1
            """,
            new { tenantId, at },
            cancellationToken: cancellationToken));
        return new AuditBreak(extra.Id, extra.Position, AuditBreak.Inserted);
    }
}
