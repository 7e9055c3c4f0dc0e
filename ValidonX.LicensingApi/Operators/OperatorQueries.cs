using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Sessions;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Operators;

/// <summary>Reads who operates the platform.</summary>
internal sealed class OperatorQueries(PlatformDatabase platform, IOptions<OperatorOptions> configured)
{
    /// <summary>One page, the newest first.</summary>
    public async Task<(IReadOnlyList<ShownOperator> Items, string? NextCursor)> ListAsync(OperatorFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<OperatorRow>(new CommandDefinition(
            $"""
            SELECT * FROM ({OperatorRow.Select}) operators
            WHERE 1 = 1 {page.AndOlder()} {(filter.Status is null ? "" : "AND status = @Status")}
            ORDER BY id DESC LIMIT @take
            """,
            new { page.Before, filter.Status, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        var (items, nextCursor) = page.Cut(rows, row => row.Id);
        return ([.. items.Select(Show)], nextCursor);
    }

    /// <summary>One of them, or <see langword="null"/>.</summary>
    public async Task<ShownOperator?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, id, cancellationToken) is { } row ? Show(row) : null;
    }

    /// <summary>One of them as a transaction sees it, or <see langword="null"/>.</summary>
    public static Task<OperatorRow?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid id, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<OperatorRow?>(new CommandDefinition($"{OperatorRow.Select} WHERE a.id = @id", new { id }, transaction, cancellationToken: cancellationToken));

    /// <summary>The same, locked until the transaction ends: the operator's turn.</summary>
    public static Task<OperatorRow?> LockAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<OperatorRow?>(new CommandDefinition(
            $"{OperatorRow.Select} WHERE a.id = @id FOR UPDATE", new { id }, transaction, cancellationToken: cancellationToken));

    /// <summary>Whether it is the account of the configuration.</summary>
    public bool IsConfigured(OperatorRow row) => configured.Value.Is(row.Email);

    /// <summary>As operators see it.</summary>
    public ShownOperator Show(OperatorRow row) => row.Show(IsConfigured(row));
}
