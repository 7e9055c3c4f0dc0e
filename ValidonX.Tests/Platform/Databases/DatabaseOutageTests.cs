using ValidonX.Platform.Databases;
using ValidonX.Tests.Coherence;

namespace ValidonX.Tests.Platform.Databases;

public sealed class DatabaseOutageTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void An_outage_is_one_line_and_one_more_each_minute()
    {
        var outage = new DatabaseOutage(_time, _log.For<DatabaseOutage>());

        for (var second = 0; second < 150; second++)
        {
            for (var call = 0; call < 100; call++)
            {
                outage.Note(new TimeoutException("no answer"));
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, _log.Warnings.Count);
        Assert.Contains("has not answered for 60 s; 6000 calls", _log.Warnings[1], StringComparison.Ordinal);
        Assert.Contains("has not answered for 120 s; 6000 calls", _log.Warnings[2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_outage_is_told_at_once()
    {
        var outage = new DatabaseOutage(_time, _log.For<DatabaseOutage>());
        outage.Note(new TimeoutException());
        _time.Advance(TimeSpan.FromSeconds(31));

        outage.Note(new TimeoutException());

        Assert.Equal(2, _log.Warnings.Count);
        Assert.All(_log.Warnings, line => Assert.Contains("does not answer", line, StringComparison.Ordinal));
    }
}
