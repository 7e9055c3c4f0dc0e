using ValidonX.Platform.Rollups;

namespace ValidonX.Tests.Platform.Rollups;

/// <summary>What requests come to: counted in memory, kept as text, added up.</summary>
public sealed class UseTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void A_percentile_is_right_to_an_eighth(double share)
    {
        var random = new Random(7);
        // From 0.1 ms to 10 s, as many in each doubling.
        double[] milliseconds = [.. Enumerable.Range(0, 20_000).Select(_ => 0.1 * Math.Pow(100_000, random.NextDouble())).Order()];
        var use = new Use();
        foreach (var one in milliseconds)
        {
            use.Count(200, refusedBy: null, TimeSpan.FromMilliseconds(one));
        }

        var exact = milliseconds[(int)Math.Ceiling(milliseconds.Length * share) - 1];

        Assert.InRange(use.Percentile(share)!.Value, exact * 7 / 8, exact * 9 / 8);
    }

    [Fact]
    public void No_duration_is_too_short_or_too_long()
    {
        var use = new Use();
        foreach (var duration in (TimeSpan[])[TimeSpan.FromTicks(-1), TimeSpan.Zero, TimeSpan.FromMicroseconds(63), TimeSpan.FromMicroseconds(64), TimeSpan.FromDays(400), TimeSpan.MaxValue])
        {
            use.Count(200, refusedBy: null, duration);
        }

        Assert.Equal(6, use.Requests);
        Assert.InRange(use.Percentile(0.01)!.Value, 0, 0.064);
        Assert.InRange(use.Percentile(1)!.Value, 60_000, 1_000_000);
    }

    [Fact]
    public void Where_nothing_was_measured_there_is_no_percentile()
    {
        var use = new Use();
        use.Count(200, refusedBy: null, duration: null);

        Assert.Null(use.Percentile(0.95));
    }

    [Fact]
    public void What_is_kept_as_text_is_read_again_and_adds_up()
    {
        var one = Some(1);
        var sum = Use.Parse(one.ToString())!.Add(Use.Parse(Some(2).ToString())!);

        Assert.Equal(one.ToString(), Use.Parse(one.ToString())!.ToString());
        Assert.Equal((6, 2, 2, 2, 0), (sum.Requests, sum.Errors, sum.RefusedByKey, sum.RefusedByTenant, sum.RefusedByEndpoint));
        Assert.Equal(TimeSpan.FromMilliseconds(3), sum.Database);
        Assert.Equal((2, 2), (sum.QueueDepth, sum.QueueAge));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1,2,3")]
    [InlineData("1,0,0,0,0,0,0,x")]
    [InlineData("1,0,0,0,0,0,0,0,85:1")]
    [InlineData("1,0,0,0,0,0,0,0,7")]
    [InlineData("-1,0,0,0,0,0,0,0")]
    public void What_is_no_state_is_not_read(string text) => Assert.Null(Use.Parse(text));

    [Fact]
    public void Routes_add_up_and_the_most_called_is_first()
    {
        RouteUse[] routes = [new("/a", 1, 0, TimeSpan.FromMilliseconds(1)), new("/b {x}", 2, 1, TimeSpan.FromMilliseconds(2)), new("/a", 4, 2, TimeSpan.FromMilliseconds(4))];

        var sum = RouteUse.Sum(RouteUse.Read(RouteUse.Write(routes) + "\nno line of ours"));

        Assert.Equal([new("/a", 5, 2, TimeSpan.FromMilliseconds(5)), new("/b {x}", 2, 1, TimeSpan.FromMilliseconds(2))], sum);
    }

    [Fact]
    public void What_was_written_is_told_no_more_and_what_changed_meanwhile_is_told_again()
    {
        var tally = new TenantTally(new Clock());
        tally.Request("/a", 200, null, null);
        var first = tally.Changes();
        tally.Request("/a", 200, null, null);
        tally.Written(first);

        var second = tally.Changes();
        tally.Written(second);

        Assert.Equal(["1,0,0,0,0,0,0,0", "1 0 0 /a"], first.Select(change => change.Text));
        Assert.Equal(["2,0,0,0,0,0,0,0", "2 0 0 /a"], second.Select(change => change.Text));
        Assert.Empty(tally.Changes());
    }

    [Fact]
    public void Minutes_that_cannot_be_written_are_held_and_the_oldest_go_first()
    {
        var time = new Clock();
        var tally = new TenantTally(time);
        for (var i = 0; i < TenantTally.MostMinutes + 5; i++)
        {
            tally.Queue(i, 0);
            time.Now += TimeSpan.FromMinutes(1);
        }

        Assert.Equal(
            Enumerable.Range(5, TenantTally.MostMinutes).Select(i => $"0,0,0,0,0,0,{i},0"),
            tally.Changes().OrderBy(change => change.At).Select(change => change.Text));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static Use Some(int seed)
    {
        var use = new Use();
        use.Count(500, refusedBy: null, TimeSpan.FromMilliseconds(seed));
        use.Count(429, refusedBy: "key", TimeSpan.FromMilliseconds(seed * 10));
        use.Count(429, refusedBy: RollupLayers.Tenant, duration: null);
        use.Count(TimeSpan.FromMilliseconds(seed));
        use.Note(seed, 3 - seed);
        return use;
    }
}
