using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.Provisioner.Audit;

/// <summary>A chain whose end is not as it was sealed: nothing is linked to it.</summary>
internal sealed class BrokenChainException(Guid chain) : Exception($"The audit chain {chain} does not end as it did.");

/// <summary>
/// Gives entries of the audit log their place in their chain. Who links a chain holds the lock of its head row, so there is one at a time; the entries'
/// places and the head change in one transaction, so whoever dies leaves a whole chain. A chain that was tampered with at its end is not gone on with, which would seal
/// what was done to it.
/// </summary>
internal sealed class AuditLinker(PlatformDatabase platform, AuditSeal seal, TimeProvider time)
{
    /// <summary>Most entries of a chain in one transaction, so that a busy tenant does not keep the others waiting.</summary>
    public const int AtOnce = 200;

    private const int MostChains = 500;

    /// <summary>The chains that have entries without a place.</summary>
    public async Task<IReadOnlyList<Guid?>> FindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Guid?>(new CommandDefinition(
            $"SELECT tenant_id FROM audit_logs WHERE position IS NULL GROUP BY tenant_id LIMIT {MostChains}",
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Links the first entries that wait, in the order of their ids; how many.</summary>
    /// <exception cref="BrokenChainException">The chain's end is not as it was sealed.</exception>
    public Task<int> LinkAsync(Guid? tenantId, CancellationToken cancellationToken) =>
        platform.TransactAsync((transaction, token) => LinkAsync(transaction, tenantId, token), cancellationToken);

    private async Task<int> LinkAsync(DbTransaction transaction, Guid? tenantId, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var head = await LockAsync(transaction, tenantId ?? Guid.Empty, cancellationToken);
        var rows = (await connection.QueryAsync<AuditEntry>(new CommandDefinition(
            $"SELECT {AuditEntry.Columns} FROM audit_logs WHERE position IS NULL AND tenant_id <=> @tenantId ORDER BY id LIMIT {AtOnce}",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        if (rows.Count == 0)
        {
            return 0;
        }

        if (head.Position > 0)
        {
            await CheckAsync(transaction, tenantId, head, cancellationToken);
        }

        var (sql, parameters) = (new StringBuilder(), new DynamicParameters());
        foreach (var (index, row) in rows.Index())
        {
            var hash = AuditHash.Of(row, head.Position + 1, head.Hash);
            sql.Append(CultureInfo.InvariantCulture, $"UPDATE audit_logs SET position = @n{index}, previous_hash = @p{index}, hash = @h{index} WHERE id = @i{index};\n");
            parameters.Add($"n{index}", head.Position + 1);
            parameters.Add($"p{index}", head.Hash);
            parameters.Add($"h{index}", hash);
            parameters.Add($"i{index}", row.Id);
            head = head with { Position = head.Position + 1, LastId = row.Id, Hash = hash };
        }

        var linked = seal.Put(head);
        sql.Append("UPDATE audit_chains SET position = @Position, last_id = @LastId, hash = @Hash, seal = @Seal, updated_at = @now WHERE chain = @Chain");
        parameters.AddDynamicParams(new { linked.Position, linked.LastId, linked.Hash, linked.Seal, linked.Chain, now = time.GetUtcNow() });
        await connection.ExecuteAsync(new CommandDefinition(sql.ToString(), parameters, transaction, cancellationToken: cancellationToken));
        return rows.Count;
    }

    private async Task<AuditHead> LockAsync(DbTransaction transaction, Guid chain, CancellationToken cancellationToken)
    {
        var find = new CommandDefinition(
            $"SELECT {AuditHead.Columns} FROM audit_chains WHERE chain = @chain FOR UPDATE", new { chain }, transaction, cancellationToken: cancellationToken);
        if (await transaction.Connection!.QuerySingleOrDefaultAsync<AuditHead?>(find) is { } head)
        {
            return head;
        }

        var first = seal.Put(new AuditHead { Chain = chain, LastId = Guid.Empty, Hash = AuditHash.Origin });
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO audit_chains (chain, position, last_id, hash, seal, updated_at) VALUES (@Chain, 0, @LastId, @Hash, @Seal, @now)
            ON DUPLICATE KEY UPDATE chain = VALUES(chain)
            """,
            new { first.Chain, first.LastId, first.Hash, first.Seal, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        return await transaction.Connection!.QuerySingleAsync<AuditHead>(find);
    }

    private async Task CheckAsync(DbTransaction transaction, Guid? tenantId, AuditHead head, CancellationToken cancellationToken)
    {
        var last = (await transaction.Connection!.QueryAsync<AuditEntry>(new CommandDefinition(
            $"SELECT {AuditEntry.Columns} FROM audit_logs WHERE tenant_id <=> @tenantId AND position >= @Position ORDER BY position LIMIT 2",
            new { tenantId, head.Position },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        if (!seal.IsIntact(head)
            || last is not [{ PreviousHash: { } previous, Hash: { } hash } only]
            || only.Position != head.Position
            || !hash.AsSpan().SequenceEqual(head.Hash)
            || !AuditHash.Of(only, head.Position, previous).AsSpan().SequenceEqual(hash))
        {
            throw new BrokenChainException(head.Chain);
        }
    }
}
