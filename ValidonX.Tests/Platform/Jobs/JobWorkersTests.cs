using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Rollups;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Jobs;

/// <summary>What the log holds of workers that cannot work.</summary>
public sealed class JobWorkersTests
{
    private const int Looks = 40;

    [Fact]
    public async Task While_the_database_is_away_all_workers_together_say_so_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var log = new CapturedLog();
        await using var nowhere = new PlatformDatabase(ConnectionSettings.Parse($"Server=127.0.0.1;Port={FreePorts.Next()};User ID=nobody;Password=none;Database=none"));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new JobMetrics(services.GetRequiredService<IMeterFactory>());
        var options = Options.Create(new JobOptions { Workers = 4 });
        var queue = new JobQueue(nowhere, options);
        var runner = new JobRunner(
            queue, nowhere, [], new JobBackoff(TimeSpan.Zero, TimeSpan.Zero, Random.Shared), metrics, TimeProvider.System, log.For<JobRunner>());
        var idle = new CountedWaits();
        var workers = new JobWorkers(
            queue, runner, metrics, new Tallies(TimeProvider.System), idle, new DatabaseOutage(TimeProvider.System, log.For<DatabaseOutage>()), options, TimeProvider.System, log.For<JobWorkers>());

        var running = workers.RunAsync(stop.Token);
        await Until.TrueAsync(() => idle.Count >= Looks, "each worker has looked several times");
        await stop.CancelAsync();
        await running;

        Assert.Contains("A database server does not answer", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    /// <summary>Lets workers look again at once, and counts.</summary>
    private sealed class CountedWaits : IWakeup, IWakeupListener
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Signal(string channel)
        {
        }

        public IWakeupListener Listen(string channel) => this;

        public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Interlocked.Increment(ref _count);
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }

        public void Dispose()
        {
        }
    }
}
