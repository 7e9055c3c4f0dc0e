using System.Data.Common;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>What the stages of one run share: the tenant, the run's connection, the tenant's scope.</summary>
internal sealed class StageContext(RunState run, JobLease lease, DbConnection platform, TenantDatabases databases) : IAsyncDisposable
{
    private readonly List<FormattableString> _writes = [];
    private TenantScope? _scope;

    /// <summary>The run.</summary>
    public Guid RunId => run.Id;

    /// <summary>Whose database is being made.</summary>
    public Tenant Tenant { get; set; } = run.Tenant;

    /// <summary>Where the tenant's data is to live.</summary>
    /// <exception cref="JobFailedException">The tenant has no place yet, which the first stage gives it.</exception>
    public TenantPlacement Placement => Tenant.Placement ?? throw new JobFailedException("The tenant has not been placed on a database server.");

    /// <summary>The run's connection to the platform database, to read from.</summary>
    public DbConnection Platform => platform;

    /// <summary>
    /// Keeps a write in the platform database for the transaction that records this stage as done: either both happen or neither, and
    /// only while this worker has the lease. Whatever is interpolated into the statement becomes a parameter.
    /// </summary>
    public void WriteWithOutcome(FormattableString statement) => _writes.Add(statement);

    /// <summary>
    /// The tenant's scope, for inserts that leave existing rows as they are. It is the service account's, with the tenant's role and
    /// no right to anything else.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker may have the run.</exception>
    public async Task<DbConnection> EnterScopeAsync(CancellationToken cancellationToken)
    {
        _scope ??= await databases.OpenAsync(Placement, cancellationToken);
        // Last of all, so that a worker frozen for longer than its lease writes nothing when it goes on.
        lease.ThrowIfLost();
        return _scope.Connection;
    }

    /// <summary>Gives and forgets the writes kept by the stage that has just been executed.</summary>
    public IReadOnlyList<FormattableString> TakeWrites()
    {
        var writes = _writes.ToList();
        _writes.Clear();
        return writes;
    }

    public async ValueTask DisposeAsync()
    {
        if (_scope is not null)
        {
            await _scope.DisposeAsync();
        }
    }
}
