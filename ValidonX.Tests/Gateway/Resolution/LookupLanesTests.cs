using System.Net;
using Microsoft.Extensions.Options;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Api;
using ValidonX.Tests.Coherence;

namespace ValidonX.Tests.Gateway.Resolution;

public sealed class LookupLanesTests
{
    private static readonly IPAddress Flooder = IPAddress.Parse("203.0.113.66");
    private static readonly IPAddress Customer = IPAddress.Parse("198.51.100.5");

    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource<int> _database = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    [Fact]
    public async Task Suspects_get_only_their_narrow_lane()
    {
        using var lanes = Lanes();
        Suspect(lanes, Flooder);

        var flood = Enumerable.Range(0, 50).Select(_ => lanes.RunAsync(Flooder, LookUpAsync, CancellationToken.None)).ToList();

        Assert.Equal(2, Volatile.Read(ref _running));
        Assert.Equal(7, await lanes.RunAsync(Customer, _ => Task.FromResult(7), CancellationToken.None));
        _database.SetResult(1);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task Nobody_gets_more_than_the_wide_lane()
    {
        using var lanes = Lanes();

        var all = Enumerable.Range(0, 50).Select(_ => lanes.RunAsync(Customer, LookUpAsync, CancellationToken.None)).ToList();

        Assert.Equal(4, Volatile.Read(ref _running));
        _database.SetResult(1);
        await Task.WhenAll(all);
    }

    [Fact]
    public async Task Beyond_the_waiting_ones_a_lookup_is_refused_at_once()
    {
        using var lanes = Lanes(waiting: 3);
        var all = Enumerable.Range(0, 7).Select(_ => lanes.RunAsync(Customer, LookUpAsync, CancellationToken.None)).ToList();

        var refused = await Assert.ThrowsAsync<ApiException>(() => lanes.RunAsync(Customer, LookUpAsync, CancellationToken.None));

        Assert.Equal(503, refused.Error.Status);
        Assert.NotNull(refused.Error.RetryAfterSeconds);
        _database.SetResult(1);
        await Task.WhenAll(all);
    }

    [Fact]
    public async Task A_suspicion_ends_two_seconds_after_its_cause()
    {
        using var lanes = Lanes();
        Suspect(lanes, Flooder);
        _time.Advance(TimeSpan.FromSeconds(1));
        var flood = Enumerable.Range(0, 10).Select(_ => lanes.RunAsync(Flooder, LookUpAsync, CancellationToken.None)).ToList();
        Assert.Equal(2, Volatile.Read(ref _running));

        _time.Advance(TimeSpan.FromSeconds(1));
        flood.AddRange(Enumerable.Range(0, 10).Select(_ => lanes.RunAsync(Flooder, LookUpAsync, CancellationToken.None)));

        Assert.Equal(6, Volatile.Read(ref _running));
        _database.SetResult(1);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task A_lookup_that_fails_gives_its_place_back()
    {
        using var lanes = Lanes();
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => lanes.RunAsync<int>(Customer, _ => throw new TimeoutException(), CancellationToken.None));
        }

        Assert.Equal(7, await lanes.RunAsync(Customer, _ => Task.FromResult(7), CancellationToken.None));
    }

    [Fact]
    public void Addresses_of_one_ipv6_network_are_one_sender()
    {
        var suspects = new Suspects(threshold: 2, _time);
        for (var i = 1; i <= 3; i++)
        {
            suspects.Count(IPAddress.Parse($"2001:db8:1:1::{i}"));
        }

        Assert.True(suspects.Contains(IPAddress.Parse("2001:db8:1:1:ffff::9")));
        Assert.False(suspects.Contains(IPAddress.Parse("2001:db8:1:2::1")));
    }

    private LookupLanes Lanes(int waiting = 1_000) =>
        new(
            Options.Create(new ResolutionOptions { ConcurrentLookups = 4, ConcurrentSuspectLookups = 2, WaitingLookups = waiting, SuspectAfter = 20 }),
            _time);

    private static void Suspect(LookupLanes lanes, IPAddress address)
    {
        for (var i = 0; i < 21; i++)
        {
            lanes.WasUnknown(address);
        }
    }

    private Task<int> LookUpAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _running);
        return _database.Task;
    }
}
