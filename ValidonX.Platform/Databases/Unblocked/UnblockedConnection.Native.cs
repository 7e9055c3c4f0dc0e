using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>See <see cref="UnblockedDataSource"/>.</summary>
internal sealed class UnblockedConnection(DbConnection inner, Places places) : DbConnection
{
    private bool _hasPlace;

    [AllowNull]
    public override string ConnectionString
    {
        get => inner.ConnectionString;
        set => inner.ConnectionString = value;
    }

    public override string Database => inner.Database;

    public override string DataSource => inner.DataSource;

    public override string ServerVersion => inner.ServerVersion;

    public override ConnectionState State => inner.State;

    public override int ConnectionTimeout => inner.ConnectionTimeout;

    public override void Open()
    {
        places.Take();
        _hasPlace = true;
        try
        {
            inner.Open();
        }
        catch
        {
            GiveBack();
            throw;
        }
    }

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await places.TakeAsync(cancellationToken);
        _hasPlace = true;
        try
        {
            await BlockingThreads.Shared.RunAsync(inner.Open, cancellationToken);
        }
        catch
        {
            GiveBack();
            throw;
        }
    }

    public override void ChangeDatabase(string databaseName) => inner.ChangeDatabase(databaseName);

    public override Task ChangeDatabaseAsync(string databaseName, CancellationToken cancellationToken = default) =>
        BlockingThreads.Shared.RunAsync(() => inner.ChangeDatabase(databaseName), cancellationToken);

    /// <summary>Gives the session back to the pool, asynchronously too: that asks the server nothing, since a transaction left open ends with its own disposal.</summary>
    public override void Close()
    {
        inner.Close();
        GiveBack();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        new UnblockedTransaction(this, inner.BeginTransaction(isolationLevel));

    protected override async ValueTask<DbTransaction> BeginDbTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken) =>
        await BlockingThreads.Shared.RunAsync(() => BeginDbTransaction(isolationLevel), cancellationToken);

    protected override DbCommand CreateDbCommand() => new UnblockedCommand(this, inner.CreateCommand());

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            GiveBack();
        }

        base.Dispose(disposing);
    }

    private void GiveBack()
    {
        if (_hasPlace)
        {
            _hasPlace = false;
            places.GiveBack();
        }
    }
}
