using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ValidonX.Coherence;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Coherence;

/// <summary>The promise of <see cref="ICoherence"/> towards replicas that Redis has lost and that use their caches for moments all the same.</summary>
public sealed class CutOffTests : IAsyncLifetime
{
    private static readonly CacheKey<string> Key = CacheKey.OfPlatform("k");
    private static readonly Invalidation Change = Invalidation.OfPlatformEntry("value", "k");

    private readonly RedisServerProcess _server = new();
    private readonly SharedRegister _register = new();
    private string _value = "old";
    private int _loads;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_redis_is_away_a_replica_reads_the_source_now_and_then_instead_of_every_time(bool killed)
    {
        await using var reader = await TestReplica.StartAsync(_server, register: _register);
        await (killed ? _server.KillAsync() : _server.FreezeAsync());
        await CutOffAsync(reader);

        var (reads, watch) = (0, Stopwatch.StartNew());
        while (watch.Elapsed < 3 * TestReplica.Grace)
        {
            Assert.Equal("old", await ReadAsync(reader));
            reads++;
        }

        var most = 2 + (int)(watch.Elapsed / (TestReplica.Grace / 4));
        Assert.True(reads > 10 * most, $"Only {reads} reads.");
        Assert.InRange(_loads, 2, most);

        await (killed ? _server.StartAsync() : _server.ThawAsync());
        await Until.TrueAsync(() => reader.HasLease && _register.Entries.Count == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_writer_waits_until_a_replica_out_of_redis_sight_cannot_use_the_old_value_any_more(bool writerCannotLook)
    {
        var replicas = await TestReplica.StartAsync(_server, 2, _register);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        reader.Bus.CutOff();
        await CutOffAsync(reader);
        Assert.Equal("old", await ReadAsync(reader));
        Assert.True(reader.Values.TryGet(Key, out _), "Nothing was remembered, so nothing is tested.");
        _register.IsAway = writerCannotLook;

        _value = "new";
        var waited = Stopwatch.StartNew();
        await writer.InvalidateAsync(Change);

        Assert.Equal("new", await ReadAsync(reader));
        Assert.InRange(waited.Elapsed, TestReplica.Grace / 2, TimeSpan.MaxValue);

        _register.IsAway = false;
        reader.Bus.Accept();
        await Until.TrueAsync(() => reader.HasLease && _register.Entries.Count == 0);
        await Until.TrueAsync(
            async () =>
            {
                waited.Restart();
                await writer.InvalidateAsync(Change);
                return waited.Elapsed < TestReplica.Grace / 2;
            },
            "a writer waits for nobody");
    }

    [Fact]
    public async Task A_replica_that_the_register_cannot_note_reads_the_source_every_time()
    {
        await using var reader = await TestReplica.StartAsync(_server, register: _register);
        _register.IsAway = true;
        reader.Bus.CutOff();
        await Until.TrueAsync(() => !reader.HasLease);

        for (var i = 1; i <= 5; i++)
        {
            await ReadAsync(reader);
            Assert.Equal(i, _loads);
        }

        // It goes on trying.
        _register.IsAway = false;
        await CutOffAsync(reader);
    }

    [Fact]
    public async Task Taking_the_last_entry_out_late_does_not_take_the_present_one_out()
    {
        await using var reader = await TestReplica.StartAsync(_server, register: _register);
        reader.Bus.CutOff();
        await CutOffAsync(reader);
        var first = Assert.Single(_register.Entries);
        _register.HoldLeaving();
        reader.Bus.Accept();
        await Until.TrueAsync(() => _register.Leaving == 1);

        reader.Bus.CutOff();
        await Until.TrueAsync(() => _register.Entries.Count == 2);
        _register.LetLeave();

        await Until.TrueAsync(() => !_register.Entries.Contains(first));
        Assert.Single(_register.Entries);
    }

    [Fact]
    public async Task A_process_that_stops_while_it_is_cut_off_leaves_no_entry()
    {
        var reader = await TestReplica.StartAsync(_server, register: _register);
        reader.Bus.CutOff();
        await CutOffAsync(reader);

        await reader.DisposeAsync();

        Assert.Empty(_register.Entries);
    }

    [Fact]
    public async Task A_process_without_caches_stays_out_of_the_register()
    {
        using var local = new LocalCaches();
        using var notice = new CutOffNotice(_register, local.Caches, new CoherenceOptions(), TimeProvider.System, NullLogger<CutOffNotice>.Instance);

        notice.Begin();
        await notice.EndAsync();
        Assert.Equal(0, _register.Calls);

        local.Create();
        notice.Begin();
        await Until.TrueAsync(() => _register.Entries.Count == 1);
        await notice.EndAsync();
        Assert.Empty(_register.Entries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Back_in_touch_it_stays_in_the_register_as_long_as_it_may_use_what_it_has_read_without_a_lease(bool lostItsLease)
    {
        using var local = new LocalCaches();
        local.Create();
        local.Renew();
        var options = new CoherenceOptions();
        using var notice = new CutOffNotice(_register, local.Caches, options, local.Time, NullLogger<CutOffNotice>.Instance);
        local.Time.Advance(TimeSpan.FromTicks(1));
        notice.Begin();
        await Until.TrueAsync(() => local.Caches.View.IsGraceOn);

        if (lostItsLease)
        {
            local.Time.Advance(local.Validity);
            local.Renew();
            notice.Returned();
            local.Time.Advance(options.UsableGrace - TimeSpan.FromTicks(1));
            notice.Returned();
            Assert.True(local.Caches.View.IsGraceOn);
            Assert.Single(_register.Entries);
            local.Time.Advance(TimeSpan.FromTicks(1));
        }

        notice.Returned();
        Assert.False(local.Caches.View.IsGraceOn);
        await Until.TrueAsync(() => _register.Entries.Count == 0);
    }

    [Fact]
    public async Task No_replica_answers_with_the_old_value_while_all_of_them_come_and_go()
    {
        const int Keys = 6;
        var duration = TimeSpan.FromSeconds(12);
        var lease = TimeSpan.FromMilliseconds(900);
        await using var writer = await TestReplica.StartAsync(_server, lease, _register);
        var readers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestReplica.StartAsync(_server, lease, _register)));
        var source = new long[Keys];
        var returned = new long[Keys];
        var stale = new ConcurrentQueue<string>();
        long reads = 0, readsCutOff = 0, loadsCutOff = 0, writes = 0;

        using var stop = new CancellationTokenSource(duration);
        var reading = readers.SelectMany(reader => Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var key = Random.Shared.Next(Keys);
                var atLeast = Volatile.Read(ref returned[key]);
                var value = await reader.Values.GetAsync(CacheKey.OfPlatform($"k{key}"), (_, _) => LoadAsync(reader, key), Cancellation);
                Interlocked.Increment(ref reads);
                if (!reader.HasLease)
                {
                    Interlocked.Increment(ref readsCutOff);
                }

                if (long.Parse(value!, CultureInfo.InvariantCulture) < atLeast)
                {
                    stale.Enqueue($"key {key}: {value} after {atLeast}");
                }

                await Task.Yield();
            }
        }, Cancellation)));
        var faults = readers.Select((reader, i) => Task.Run(async () =>
        {
            var random = new Random(i);
            while (!stop.IsCancellationRequested)
            {
                Action begin = random.Next(3) == 0 ? reader.Bus.Hold : reader.Bus.CutOff;
                begin();
                await PassAsync(random.Next(200, 3_000));
                reader.Bus.Accept();
                reader.Bus.Release();
                await PassAsync(random.Next(0, 700));
            }
        }, Cancellation));
        var registerFaults = Task.Run(async () =>
        {
            var random = new Random(9);
            while (!stop.IsCancellationRequested)
            {
                await PassAsync(random.Next(500, 2_000));
                _register.IsAway = true;
                await PassAsync(random.Next(0, 400));
                _register.IsAway = false;
            }
        }, Cancellation);
        var writing = Enumerable.Range(0, Keys).Select(key => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var version = Interlocked.Increment(ref source[key]);
                await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", $"k{key}"));
                Volatile.Write(ref returned[key], version);
                Interlocked.Increment(ref writes);
                await PassAsync(Random.Shared.Next(100));
            }
        }, Cancellation));
        await Task.WhenAll([.. reading, .. faults, registerFaults, .. writing]);

        Assert.Empty(stale);
        Assert.True(writes > 5 * Keys, $"Only {writes} writes.");
        Assert.True(loadsCutOff < readsCutOff / 10, $"{loadsCutOff} loads for {readsCutOff} of {reads} reads: the grace was hardly used, so it was hardly tested.");
        foreach (var reader in readers)
        {
            await reader.DisposeAsync();
        }

        async Task<string?> LoadAsync(TestReplica reader, int key)
        {
            if (!reader.HasLease)
            {
                Interlocked.Increment(ref loadsCutOff);
            }

            var version = Volatile.Read(ref source[key]);
            await Task.Yield();
            return version.ToString(CultureInfo.InvariantCulture);
        }

        Task PassAsync(int milliseconds) => Task.Delay(milliseconds, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>Waits until it has lost its lease and is in the register.</summary>
    private static Task CutOffAsync(TestReplica replica) =>
        Until.TrueAsync(() => !replica.HasLease && replica.Caches.View.IsGraceOn);

    private ValueTask<string?> ReadAsync(TestReplica replica) => replica.Values.GetAsync(
        Key,
        (_, _) =>
        {
            Interlocked.Increment(ref _loads);
            return Task.FromResult<string?>(_value);
        },
        Cancellation);
}
