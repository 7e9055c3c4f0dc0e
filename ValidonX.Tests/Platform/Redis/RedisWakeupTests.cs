using Microsoft.Extensions.Logging.Abstractions;
using ValidonX.Platform.Redis;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Redis;

public sealed class RedisWakeupTests(RedisServerProcess server) : IClassFixture<RedisServerProcess>
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_signal_wakes_listeners_of_this_and_of_other_processes()
    {
        using var here = server.Connect();
        using var there = server.Connect();
        var sender = new RedisWakeup(here, NullLogger<RedisWakeup>.Instance);
        var receiver = new RedisWakeup(there, NullLogger<RedisWakeup>.Instance);
        using var local = sender.Listen("jobs");
        using var remote = receiver.Listen("jobs");
        using var other = receiver.Listen("webhooks");

        var remoteWoken = remote.WaitAsync(Long, TestContext.Current.CancellationToken);
        // The remote subscription may still be on its way: signals are hints, so they are repeated until seen.
        while (!remoteWoken.IsCompleted)
        {
            sender.Signal("jobs");
            await Task.WhenAny(remoteWoken, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.True(await remoteWoken);
        Assert.True(await local.WaitAsync(Long, TestContext.Current.CancellationToken));
        Assert.False(await other.WaitAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_signal_given_while_nobody_waits_ends_the_next_wait_once()
    {
        using var unreachable = RedisClient.Connect("127.0.0.1:1");
        var wakeup = new RedisWakeup(unreachable, NullLogger<RedisWakeup>.Instance);
        using var listener = wakeup.Listen("jobs");

        wakeup.Signal("jobs");
        wakeup.Signal("jobs");

        Assert.True(await listener.WaitAsync(Long, TestContext.Current.CancellationToken));
        Assert.False(await listener.WaitAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
    }
}
