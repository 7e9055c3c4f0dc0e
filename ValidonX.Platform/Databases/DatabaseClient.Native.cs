using System.Data.Common;
using MySql.Data.MySqlClient;
using ValidonX.Platform.Databases.Unblocked;

namespace ValidonX.Platform.Databases;

/// <summary>Which MySQL client: the one place that names it. Native profile: MySql.Data. Code above sees System.Data.Common.</summary>
internal static class DatabaseClient
{
    static DatabaseClient() => Utf8Mb3.Register();

    /// <summary>A pool of connections to one server. The client's own asynchronous methods would block their thread.</summary>
    public static DbDataSource CreateDataSource(DatabaseLogin login) =>
        new UnblockedDataSource(
            MySqlClientFactory.Instance,
            ConnectionString(login),
            new Places(login.MaximumPoolSize, login.ConnectTimeout));

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
    public static int ErrorNumber(Exception exception) =>
        exception switch
        {
            MySqlException { Number: not 0 } error => error.Number,
            MySqlException { InnerException: MySqlException inner } => inner.Number,
            _ => 0,
        };

    private static string ConnectionString(DatabaseLogin login) => new MySqlConnectionStringBuilder
    {
        Server = login.Host,
        Port = login.Port,
        UserID = login.User,
        Password = login.Password,
        Database = login.Database ?? "",
        CharacterSet = "utf8mb4",
        SslMode = login.IsLoopback ? MySqlSslMode.None : MySqlSslMode.Preferred,
        AllowPublicKeyRetrieval = true,
        // Broken against MariaDB; the tenant scope leaves a clean session itself.
        ConnectionReset = false,
        Pooling = true,
        MaximumPoolSize = (uint)login.MaximumPoolSize,
        ConnectionTimeout = (uint)login.ConnectTimeout.TotalSeconds,
        DefaultCommandTimeout = (uint)login.CommandTimeout.TotalSeconds,
    }.ConnectionString;
}
