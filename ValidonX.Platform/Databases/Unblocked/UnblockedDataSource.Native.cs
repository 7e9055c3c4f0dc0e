using System.Data.Common;

namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>
/// Connections of a client whose asynchronous methods block their thread, with asynchronous methods that do not: the same calls on
/// <see cref="BlockingThreads"/>. The synchronous ones are the client's own.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="connectionString">With a pool of no fewer connections than there are places.</param>
/// <param name="places">One for each connection that is open at a time.</param>
internal sealed class UnblockedDataSource(DbProviderFactory client, string connectionString, Places places) : DbDataSource
{
    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection()
    {
        var connection = client.CreateConnection() ?? throw new NotSupportedException("The client makes no connections.");
        connection.ConnectionString = connectionString;
        return new UnblockedConnection(connection, places);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            places.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override ValueTask DisposeAsyncCore()
    {
        places.Dispose();
        return base.DisposeAsyncCore();
    }
}
