using System.Data.Common;

namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>
/// Connections of a client whose asynchronous methods block their thread, with asynchronous methods that do not: the same calls on
/// <see cref="BlockingThreads"/>. The synchronous ones are the client's own.
/// </summary>
internal sealed class UnblockedDataSource(DbProviderFactory client, string connectionString) : DbDataSource
{
    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection()
    {
        var connection = client.CreateConnection() ?? throw new NotSupportedException("The client makes no connections.");
        connection.ConnectionString = connectionString;
        return new UnblockedConnection(connection);
    }
}
