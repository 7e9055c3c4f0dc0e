using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>A session of a database server.</summary>
internal sealed record Session(long Id, string State, string Statement);

/// <summary>The sessions of a database server.</summary>
internal static class SessionList
{
    /// <summary>MySQL's tables of sessions and transactions tell nothing at all for as long as one of them runs a statement with bytes in it.</summary>
    private const int CannotConvertString = 3854;

    /// <summary>All of them. (This command tells them whatever they run, unlike <c>information_schema.processlist</c>.)</summary>
    public static async Task<IReadOnlyList<Session>> AllAsync(DbConnection connection) =>
    [
        .. (await connection.QueryAsync("SHOW FULL PROCESSLIST")).Cast<IDictionary<string, object?>>()
            .Select(row => new Session(Convert.ToInt64(row["Id"], CultureInfo.InvariantCulture), row["State"] as string ?? "", row["Info"] as string ?? "")),
    ];

    /// <summary>Asks for numbers out of <c>information_schema</c>; null when the server cannot tell at this moment.</summary>
    public static async Task<IReadOnlyList<long>?> AskAsync(DbConnection connection, string sql, object? parameters = null)
    {
        try
        {
            return [.. await connection.QueryAsync<long>(sql, parameters)];
        }
        catch (DbException exception) when (DatabaseClient.ErrorNumber(exception) == CannotConvertString)
        {
            return null;
        }
    }
}
