using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>The sessions of a database server.</summary>
internal static class SessionList
{
    /// <summary>MySQL lists no session at all for as long as one of them runs a statement with bytes in it.</summary>
    private const int CannotConvertString = 3854;

    /// <summary>Asks for numbers out of <c>information_schema.processlist</c>; null when the server cannot tell at this moment.</summary>
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
