using ValidonX.Coherence;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Coherence;

/// <summary>The promise of <see cref="ICoherence"/> while Redis is killed, emptied, frozen or absent. Each test has a server of its own.</summary>
public sealed class CoherenceOutageTests : IAsyncLifetime
{
    private readonly RedisServerProcess _server = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_lease_that_the_killed_redis_gave_is_waited_for_although_the_new_one_knows_nothing_of_it()
    {
        // Long enough to be still valid when the new Redis is up.
        var lease = TimeSpan.FromSeconds(6);
        await using var reader = await TestReplica.StartAsync(_server, lease);
        await reader.Values.GetAsync(CacheKey.OfPlatform("k"), Load("old"), Cancellation);
        reader.Bus.Hold();
        await _server.RestartAsync();
        await using var writer = await TestReplica.StartAsync(_server, lease);
        Assert.True(reader.Values.TryGet(CacheKey.OfPlatform("k"), out _), "The lease ran out before the test began.");

        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));

        Assert.False(reader.HasLease);
        Assert.False(reader.Values.TryGet(CacheKey.OfPlatform("k"), out _));
    }

    [Fact]
    public async Task A_flushed_redis_is_one_that_began_anew()
    {
        var lease = TimeSpan.FromSeconds(6);
        await using var reader = await TestReplica.StartAsync(_server, lease);
        await using var writer = await TestReplica.StartAsync(_server, lease);
        await reader.Values.GetAsync(CacheKey.OfPlatform("k"), Load("old"), Cancellation);
        reader.Bus.Hold();
        await _server.CommandAsync("FLUSHALL");

        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));

        Assert.False(reader.HasLease);
    }

    [Fact]
    public async Task Replicas_join_a_redis_that_came_back_empty_with_empty_caches()
    {
        var replicas = await TestReplica.StartAsync(_server, 2);
        await using var one = replicas[0];
        await using var other = replicas[1];
        var key = CacheKey.OfPlatform("k");
        await other.Values.GetAsync(key, Load("old"), Cancellation);
        var epoch = other.Caches.View.Position.Epoch;

        await _server.RestartAsync();
        await Until.TrueAsync(() => replicas.All(replica => replica.HasLease && replica.Caches.View.Position.Epoch != epoch));

        Assert.False(other.Values.TryGet(key, out _));
        await one.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));
        await other.Values.GetAsync(key, Load("new"), Cancellation);
        await one.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));
        Assert.False(other.Values.TryGet(key, out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_redis_does_not_answer_a_write_says_so_when_no_replica_can_hold_a_lease(bool killed)
    {
        var replicas = await TestReplica.StartAsync(_server, 2);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        var key = CacheKey.OfPlatform("k");
        await reader.Values.GetAsync(key, Load("old"), Cancellation);
        await (killed ? _server.KillAsync() : _server.FreezeAsync());

        await Assert.ThrowsAsync<ChangeNotAnnouncedException>(() => writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k")));

        Assert.False(reader.HasLease);
        Assert.Equal("new", await reader.Values.GetAsync(key, Load("new"), Cancellation));

        await (killed ? _server.StartAsync() : _server.ThawAsync());
        await Until.TrueAsync(() => writer.HasLease && reader.HasLease);
        await reader.Values.GetAsync(key, Load("newer"), Cancellation);
        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));
        Assert.Equal("newest", await reader.Values.GetAsync(key, Load("newest"), Cancellation));
    }

    [Fact]
    public async Task A_writer_that_alone_is_cut_off_is_told_so_and_its_change_is_announced_when_it_is_back()
    {
        var replicas = await TestReplica.StartAsync(_server, 2);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        var key = CacheKey.OfPlatform("k");
        await reader.Values.GetAsync(key, Load("old"), Cancellation);

        writer.Bus.Refuse();
        await Assert.ThrowsAsync<ChangeNotAnnouncedException>(() => writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k")));
        Assert.True(reader.HasLease);
        writer.Bus.Accept();

        await Until.TrueAsync(() => !reader.Values.TryGet(key, out _));
    }

    [Fact]
    public async Task A_process_that_starts_without_redis_works_without_a_lease_until_redis_is_there()
    {
        await _server.KillAsync();
        await using var replica = await TestReplica.StartWithoutLeaseAsync(_server);
        var key = CacheKey.OfPlatform("k");
        Assert.Equal("v", await replica.Values.GetAsync(key, Load("v"), Cancellation));
        Assert.False(replica.Values.TryGet(key, out _));

        await _server.StartAsync();
        await Until.TrueAsync(() => replica.HasLease);

        // The subscription that could not be made at the start is there too: an announcement by another process arrives.
        await using var other = await TestReplica.StartAsync(_server);
        await replica.Values.GetAsync(key, Load("old"), Cancellation);
        await other.InvalidateAsync(Invalidation.OfPlatformEntry("value", "k"));
        Assert.False(replica.Values.TryGet(key, out _));
    }

    private static Func<CacheKey<string>, CancellationToken, Task<string?>> Load(string? value) => (_, _) => Task.FromResult(value);
}
