using ValidonX.AppHost.Running;

namespace ValidonX.Tests.AppHost.Running;

public sealed class BackOffTests
{
    [Fact]
    public void Each_crash_doubles_the_pause_up_to_a_limit_and_a_stable_run_resets_it()
    {
        var backOff = new BackOff();

        var pauses = Enumerable.Range(0, 9).Select(_ => backOff.Next(TimeSpan.Zero).TotalSeconds).ToArray();

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], pauses);
        Assert.Equal(BackOff.First, backOff.Next(BackOff.Stable));
    }
}
