using System.Data.Common;
using MySqlConnector;

namespace ValidonX.Platform.Databases;

/// <summary>The MySQL client: the one place that names it. Code above sees System.Data.Common.</summary>
internal static class DatabaseClient
{
    /// <summary>A pool of connections to one server.</summary>
    public static DbDataSource CreateDataSource(DatabaseLogin login)
    {
        var builder = new MySqlDataSourceBuilder(new MySqlConnectionStringBuilder
        {
            Server = login.Host,
            Port = login.Port,
            UserID = login.User,
            Password = login.Password,
            Database = login.Database ?? "",
            SslMode = login.IsLoopback ? MySqlSslMode.None : MySqlSslMode.Preferred,
            AllowPublicKeyRetrieval = true,
            ConnectionReset = login.ResetSessions,
            // A command on a connection with an open transaction is part of it, whether or not it says so: the server knows nothing else.
            IgnoreCommandTransaction = true,
            MaximumPoolSize = (uint)login.MaximumPoolSize,
            ConnectionTimeout = (uint)login.ConnectTimeout.TotalSeconds,
            DefaultCommandTimeout = (uint)login.CommandTimeout.TotalSeconds,
        }.ConnectionString).UseName(login.ToString());
        return (login.ResetSessions ? builder : builder.UseConnectionOpenedCallback(LeaveSchemaUntrackedAsync)).Build();
    }

    /// <summary>Reads host, port, account and database out of a connection string as Aspire injects it.</summary>
    public static DatabaseLogin ParseConnectionString(string connectionString)
    {
        var parsed = new MySqlConnectionStringBuilder(connectionString);
        return new DatabaseLogin(parsed.Server, parsed.Port, parsed.UserID, parsed.Password)
        {
            Database = string.IsNullOrEmpty(parsed.Database) ? null : parsed.Database,
        };
    }

    /// <summary>The server's error number, or 0 when the exception does not come from the server.</summary>
    public static int ErrorNumber(Exception exception) => exception is MySqlException { Number: > 0 } error ? error.Number : 0;

    /// <summary>
    /// The client logs a session in anew, in a pool without resets too, when the server tells it of a changed database. A tenant's scope changes it
    /// each time and names its own at the beginning, so there is nothing to take back.
    /// </summary>
    private static async ValueTask LeaveSchemaUntrackedAsync(MySqlConnectionOpenedContext context, CancellationToken cancellationToken)
    {
        if ((context.Conditions & MySqlConnectionOpenedConditions.New) == 0)
        {
            return;
        }

        await using var command = context.Connection.CreateCommand();
        command.CommandText = "SET SESSION session_track_schema = OFF";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
