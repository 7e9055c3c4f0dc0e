using System.Data.Common;

namespace ValidonX.Platform.Databases;

/// <summary>The platform database: tenants, keys, plans, jobs, audit. One pool per process.</summary>
public sealed class PlatformDatabase : IAsyncDisposable
{
    /// <summary>Its name on the server.</summary>
    public const string Name = "validonx_platform";

    private readonly DbDataSource _source;

    internal PlatformDatabase(DbDataSource source) => _source = source;

    internal PlatformDatabase(DatabaseLogin login)
        : this(DatabaseClient.CreateDataSource(login))
    {
    }

    /// <summary>A connection; dispose it to give it back.</summary>
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs one transaction, again when it lost against another one (deadlock, lock wait), at most five times.</summary>
    public Task<T> TransactAsync<T>(Func<DbTransaction, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        Transactions.RunAsync(OpenAsync, work, cancellationToken);

    /// <summary>Runs one transaction, again when it lost against another one (deadlock, lock wait), at most five times.</summary>
    public Task TransactAsync(Func<DbTransaction, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        TransactAsync(
            async (transaction, token) =>
            {
                await work(transaction, token);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
