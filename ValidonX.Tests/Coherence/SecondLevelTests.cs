using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StackExchange.Redis;
using ValidonX.Coherence;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Coherence;

/// <summary>Copies in Redis are shared, and never older than the last change. Each test has a server of its own.</summary>
public sealed class SecondLevelTests : IAsyncLifetime
{
    private static readonly JsonTypeInfo<string> Json = (JsonTypeInfo<string>)JsonSerializerOptions.Default.GetTypeInfo(typeof(string));
    private static readonly Guid Owner = Guid.CreateVersion7();
    private static readonly string Name = CacheNames.OfPlatform("value", "k");

    private readonly RedisServerProcess _server = new();
    private TestReplica _one = null!;
    private TestReplica _other = null!;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _one = await TestReplica.StartAsync(_server);
        _other = await TestReplica.StartAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_one_process_loaded_the_other_finds()
    {
        Assert.Equal("loaded", await GetAsync(_one, "loaded"));

        Assert.Equal("loaded", await GetAsync(_other, "not asked for"));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_copied()
    {
        Assert.Null(await GetAsync(_one, null));

        Assert.Equal("created", await GetAsync(_other, "created"));
    }

    [Fact]
    public async Task A_change_deletes_the_copy()
    {
        await GetAsync(_one, "old");

        await _one.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));

        Assert.Equal("new", await GetAsync(_other, "new"));
    }

    [Fact]
    public async Task A_slow_reader_cannot_put_back_what_it_read_before_the_change()
    {
        var reading = new TaskCompletionSource<string?>();
        var slow = GetAsync(_one, _ => reading.Task);
        // Its question has been answered when a later one on the same connection is.
        await _one.Redis.GetDatabase().PingAsync();

        await _other.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));
        reading.SetResult("old");
        Assert.Equal("old", await slow);

        Assert.Equal("new", await GetAsync(_other, "new"));
        Assert.Equal("new", await GetAsync(_one, "not asked for"));
    }

    [Fact]
    public async Task Dropping_the_owner_voids_its_copies_and_no_others()
    {
        await GetAsync(_one, "old");
        var others = CacheNames.OfPlatform("value", "others");
        await GetAsync(_one, _ => Task.FromResult<string?>("kept"), others, Guid.CreateVersion7());

        await _one.InvalidateAsync(Invalidation.OfTenant(Owner));

        Assert.Equal("new", await GetAsync(_other, "new"));
        Assert.Equal("kept", await GetAsync(_other, _ => Task.FromResult<string?>("not asked for"), others, Guid.Empty));
    }

    [Fact]
    public async Task Dropping_everything_voids_every_copy()
    {
        await GetAsync(_one, "old");

        await _one.InvalidateAsync(Invalidation.Everything);

        Assert.Equal("new", await GetAsync(_other, "new"));
    }

    [Fact]
    public async Task A_redis_that_comes_back_with_an_older_snapshot_vouches_for_no_copy_in_it()
    {
        await GetAsync(_one, "old");
        await _server.SaveAsync();
        await _one.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));
        await _server.RestartAsync();
        Assert.Equal(":1", await _server.CommandAsync($"EXISTS {Name}"));
        await Until.TrueAsync(async () => await AnswersAsync(_other) && _other.HasLease);

        Assert.Equal("new", await GetAsync(_other, "new"));
    }

    [Fact]
    public async Task A_replica_that_was_out_of_touch_voids_the_copies_because_writers_may_have_been_too()
    {
        await GetAsync(_one, "old");
        _other.Bus.Hold();
        await Until.TrueAsync(() => !_other.HasLease);
        // In Redis the lease runs out a little later.
        await Until.TrueAsync(() => LeaseOf(_other) <= 0);
        _other.Bus.Release();
        await Until.TrueAsync(() => _other.HasLease);

        Assert.Equal("new", await GetAsync(_one, "new"));
    }

    [Fact]
    public async Task A_replica_that_joins_others_finds_their_copies()
    {
        await GetAsync(_one, "copied");

        await using var joined = await TestReplica.StartAsync(_server);

        Assert.Equal("copied", await GetAsync(joined, "not asked for"));
    }

    [Fact]
    public async Task A_redis_that_does_not_answer_is_waited_for_once_at_most()
    {
        await _server.FreezeAsync();
        var waited = Stopwatch.StartNew();
        var first = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AskAsync(_one, _ => Task.FromResult<string?>("source"))));
        var afterFirst = waited.Elapsed;
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal("source", await AskAsync(_one, _ => Task.FromResult<string?>("source")));
        }

        Assert.All(first, value => Assert.Equal("source", value));
        Assert.InRange(waited.Elapsed - afterFirst, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        await _server.ThawAsync();
        await Until.TrueAsync(() => _one.HasLease && _other.HasLease);
        await Until.TrueAsync(async () =>
        {
            await GetAsync(_one, "copied");
            return await _one.Redis.GetDatabase().KeyExistsAsync(Name);
        });
        Assert.Equal("copied", await GetAsync(_other, "not asked for"));
    }

    private static async Task<bool> AnswersAsync(TestReplica replica)
    {
        try
        {
            await replica.Redis.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisConnectionException)
        {
            return false;
        }
    }

    private double LeaseOf(TestReplica replica)
    {
        var lease = _one.Redis.GetDatabase().ScriptEvaluate(
            "local t = redis.call('TIME'); return tonumber(redis.call('HGET', KEYS[1], 'lease:' .. ARGV[1]) or '0') - t[1] * 1000 - math.floor(t[2] / 1000)",
            [RedisCoherenceBus.StateKey],
            [replica.Caches.View.Id]);
        return (double)lease;
    }

    private static Task<string?> GetAsync(TestReplica replica, string? value) => GetAsync(replica, _ => Task.FromResult(value));

    private static async Task<string?> GetAsync(TestReplica replica, Func<CancellationToken, Task<string?>> load, string? name = null, Guid? owner = null)
    {
        var value = await AskAsync(replica, load, name, owner);
        // The copy is written behind the answer, on the connection that this waits for.
        await replica.Redis.GetDatabase().PingAsync();
        return value;
    }

    private static Task<string?> AskAsync(TestReplica replica, Func<CancellationToken, Task<string?>> load, string? name = null, Guid? owner = null) =>
        replica.SecondLevel.GetOrLoadAsync(
            name ?? Name, _ => owner ?? Owner, Json, TimeSpan.FromMinutes(1), load, TestContext.Current.CancellationToken);
}
