using System.Data.Common;
using MySqlConnector;

namespace ValidonX.Platform.Databases;

/// <summary>The MySQL client: the one place, with <see cref="ConnectionSettings"/>, that names it. Code above sees System.Data.Common.</summary>
internal static class DatabaseClient
{
    private const int EndSeconds = 5;

    /// <summary>A pool of connections to one server.</summary>
    /// <exception cref="FormatException">The login's options say what they may not.</exception>
    public static DbDataSource CreateDataSource(DatabaseLogin login)
    {
        var builder = new MySqlDataSourceBuilder(ConnectionSettings.Complete(login).ConnectionString).UseName(login.ToString());
        return (login.ResetSessions ? builder : builder.UseConnectionOpenedCallback(LeaveSchemaUntrackedAsync)).Build();
    }

    /// <summary>Whether the session still answers. One that does not is not kept when the connection is closed.</summary>
    public static Task<bool> IsAliveAsync(DbConnection connection, CancellationToken cancellationToken) => ((MySqlConnection)connection).PingAsync(cancellationToken);

    /// <summary>Ends the session, so that closing the connection does not give it back to the pool. Never throws.</summary>
    public static async Task EndSessionAsync(DbConnection connection)
    {
        try
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "KILL CONNECTION_ID()";
            command.CommandTimeout = EndSeconds;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // Expected: a session that ends itself has no answer to give, and one that is gone already neither.
        }

        try
        {
            // The client keeps what it believes alive: this tells it.
            await IsAliveAsync(connection, CancellationToken.None);
        }
        catch (Exception)
        {
            // Gone, as it should be.
        }
    }

    /// <summary>The server's error number, or 0 when the exception does not come from the server.</summary>
    public static int ErrorNumber(Exception exception) => exception is MySqlException { Number: > 0 } error ? error.Number : 0;

    /// <summary>
    /// The client logs a session in anew, in a pool without resets too, when the server tells it of a changed database. A tenant's scope changes it
    /// each time and names its own at the beginning, so there is nothing to take back. And MySQL, unlike MariaDB, tells how large tables were up to a day ago unless the session
    /// wants to know how large they are.
    /// </summary>
    private static async ValueTask LeaveSchemaUntrackedAsync(MySqlConnectionOpenedContext context, CancellationToken cancellationToken)
    {
        if ((context.Conditions & MySqlConnectionOpenedConditions.New) == 0)
        {
            return;
        }

        await using var command = context.Connection.CreateCommand();
        command.CommandText = "SET SESSION session_track_schema = OFF /*!80000 , information_schema_stats_expiry = 0 */";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
