using System.Collections.Concurrent;
using System.Threading.Channels;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Onboarding;

/// <summary>
/// Looks at the runs that somebody watches: one query for all of them when a provisioner has signaled a step, or after half a second at the latest, however many
/// watch. With no watcher it does nothing. A watcher gets the newest state and never a queue, so that a slow one costs nothing.
/// </summary>
internal sealed class ProvisioningWatch(PlatformDatabase platform, IWakeup wakeup, DatabaseOutage outage, TimeProvider time) : BackgroundService
{
    private const int RunsOfAQuery = 500;

    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<Guid, Watched> _watched = new();
    private readonly Channel<bool> _arrivals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Begins to watch a tenant's run.</summary>
    public Watcher Watch(Guid tenantId)
    {
        while (true)
        {
            var watched = _watched.GetOrAdd(tenantId, static _ => new Watched());
            if (watched.TryEnter())
            {
                _arrivals.Writer.TryWrite(true);
                return new Watcher(this, tenantId, watched);
            }

            // Its last watcher has just left.
            _watched.TryRemove(new KeyValuePair<Guid, Watched>(tenantId, watched));
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var progress = wakeup.Listen(ProvisioningRuns.ProgressChannel);
        while (!stoppingToken.IsCancellationRequested)
        {
            if (_watched.IsEmpty)
            {
                await _arrivals.Reader.ReadAsync(stoppingToken);
            }

            try
            {
                foreach (var tenants in _watched.Keys.Chunk(RunsOfAQuery))
                {
                    await LookAsync(tenants, stoppingToken);
                }
            }
            catch (Exception failure) when (DatabaseError.IsFailure(failure) && !stoppingToken.IsCancellationRequested)
            {
                outage.Note(failure);
            }

            await progress.WaitAsync(Pulse, stoppingToken);
        }
    }

    private async Task LookAsync(Guid[] tenants, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT tenant_id, id, status, error, created_at, started_at, finished_at FROM provisioning_runs WHERE tenant_id IN @tenants;
            SELECT r.tenant_id, s.number, s.name, s.status, s.attempts, s.started_at, s.finished_at, s.duration_ms, s.error
            FROM provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id WHERE r.tenant_id IN @tenants ORDER BY s.number
            """,
            new { tenants = tenants.Select(id => id.ToString()) },
            cancellationToken: cancellationToken));
        var runs = rows.Read<Guid, ProvisioningRun, (Guid Tenant, ProvisioningRun Run)>((tenant, run) => (tenant, run), "id").ToList();
        var stages = rows.Read<Guid, ProvisioningStage, (Guid Tenant, ProvisioningStage Stage)>((tenant, stage) => (tenant, stage), "number").ToLookup(row => row.Tenant, row => row.Stage);
        foreach (var (tenant, run) in runs)
        {
            if (_watched.TryGetValue(tenant, out var watched))
            {
                watched.Show(run with { Stages = [.. stages[tenant]] });
            }
        }
    }

    private void Leave(Guid tenantId, Watched watched)
    {
        if (watched.Exit())
        {
            _watched.TryRemove(new KeyValuePair<Guid, Watched>(tenantId, watched));
        }
    }

    /// <summary>One who watches; dispose it to stop.</summary>
    public sealed class Watcher : IDisposable
    {
        private readonly ProvisioningWatch _watch;
        private readonly Guid _tenantId;
        private readonly Watched _watched;

        internal Watcher(ProvisioningWatch watch, Guid tenantId, Watched watched) => (_watch, _tenantId, _watched) = (watch, tenantId, watched);

        /// <summary>The newest state that is another than <paramref name="known"/>; <see langword="null"/> when there was none for so long.</summary>
        public async Task<ProvisioningRun?> NextAsync(ProvisioningRun? known, TimeSpan atMost, CancellationToken cancellationToken)
        {
            var changed = _watched.Changed;
            if (_watched.Newest is { } newest && !ReferenceEquals(newest, known))
            {
                return newest;
            }

            try
            {
                return await changed.WaitAsync(atMost, _watch.Time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }

        /// <inheritdoc/>
        public void Dispose() => _watch.Leave(_tenantId, _watched);
    }

    private TimeProvider Time { get; } = time;

    /// <summary>A run that somebody watches.</summary>
    internal sealed class Watched
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource<ProvisioningRun> _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _watchers;

        public ProvisioningRun? Newest { get; private set; }

        public Task<ProvisioningRun> Changed
        {
            get
            {
                lock (_gate)
                {
                    return _changed.Task;
                }
            }
        }

        public bool TryEnter()
        {
            lock (_gate)
            {
                if (_watchers < 0)
                {
                    return false;
                }

                _watchers++;
                return true;
            }
        }

        /// <summary>Whether it was the last one; then nobody can enter any more.</summary>
        public bool Exit()
        {
            lock (_gate)
            {
                if (--_watchers > 0)
                {
                    return false;
                }

                _watchers = -1;
                return true;
            }
        }

        public void Show(ProvisioningRun run)
        {
            TaskCompletionSource<ProvisioningRun> told;
            lock (_gate)
            {
                if (Newest is { } known && known.Status == run.Status && known.Error == run.Error && known.Stages.SequenceEqual(run.Stages))
                {
                    return;
                }

                Newest = run;
                told = _changed;
                _changed = new TaskCompletionSource<ProvisioningRun>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            told.SetResult(run);
        }
    }
}
