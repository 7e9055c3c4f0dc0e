using System.Data;
using System.Data.Common;

namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>See <see cref="UnblockedDataSource"/>.</summary>
internal sealed class UnblockedTransaction(UnblockedConnection connection, DbTransaction inner) : DbTransaction
{
    private bool _isOver;

    /// <summary>The client's own.</summary>
    public DbTransaction Inner => inner;

    public override IsolationLevel IsolationLevel => inner.IsolationLevel;

    /// <summary>None once it is over, as every client has it.</summary>
    protected override DbConnection? DbConnection => _isOver ? null : connection;

    public override void Commit()
    {
        inner.Commit();
        _isOver = true;
    }

    public override Task CommitAsync(CancellationToken cancellationToken = default) =>
        BlockingThreads.Shared.RunAsync(Commit, cancellationToken);

    public override void Rollback()
    {
        inner.Rollback();
        _isOver = true;
    }

    public override Task RollbackAsync(CancellationToken cancellationToken = default) =>
        BlockingThreads.Shared.RunAsync(Rollback, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (!_isOver)
        {
            await BlockingThreads.Shared.RunAsync(inner.Dispose, CancellationToken.None);
        }

        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        _isOver = true;
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
