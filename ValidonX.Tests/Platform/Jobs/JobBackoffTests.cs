using ValidonX.Platform.Jobs;

namespace ValidonX.Tests.Platform.Jobs;

public sealed class JobBackoffTests
{
    [Fact]
    public void Pauses_double_up_to_the_longest_and_vary_by_half()
    {
        var backoff = new JobBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), new Random(1));

        for (var attempt = 1; attempt <= 40; attempt++)
        {
            var middle = Math.Min(Math.Pow(2, attempt - 1), 60);
            for (var i = 0; i < 20; i++) Assert.InRange(backoff.After(attempt).TotalSeconds, middle / 2, middle * 1.5);
        }
    }

    [Fact]
    public void Jobs_that_failed_together_do_not_come_back_together()
    {
        var backoff = new JobBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), new Random(1));

        Assert.Equal(50, Enumerable.Range(0, 50).Select(_ => backoff.After(3)).Distinct().Count());
    }
}
