using System.Diagnostics;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

/// <summary>What of a request's statements is slow.</summary>
public sealed class SlowStatementsTests : IDisposable
{
    private readonly SlowStatements _slow = new(TimeSpan.FromMilliseconds(200));
    private readonly ActivitySource _client = new("MySqlConnector");

    public void Dispose()
    {
        _slow.Dispose();
        _client.Dispose();
    }

    [Fact]
    public void What_was_slow_is_told_without_literals_and_what_was_fast_is_not_told()
    {
        var noted = _slow.Begin();
        Run("SELECT name FROM licenses WHERE key = 'AAAA-BBBB' AND id = @id LIMIT 25", 200);
        Run("SELECT 1", 199);
        Run(null, 5_000);

        Assert.Equal(
            [("SELECT name FROM licenses WHERE key = ? AND id = @id LIMIT ?", 200), ("Execute", 5_000)],
            noted.ToList().Select(one => (one.Text, (int)one.Duration.TotalMilliseconds)));
    }

    [Fact]
    public async Task Each_request_has_its_own_however_many_statements_it_runs_at_once()
    {
        var requests = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var noted = _slow.Begin();
            await Task.WhenAll(Enumerable.Range(0, number).Select(_ => Task.Run(() => Run($"SELECT name FROM t{number}", 300))));
            return noted;
        })));

        Assert.Equal(["", "t1", "t2t2", "t3t3t3"], requests.Select(noted => string.Concat(noted.ToList().Select(one => one.Text[^2..]))));
    }

    [Fact]
    public void What_a_slow_statement_consists_of_is_not_told_once_more()
    {
        var noted = _slow.Begin();
        using (Start("SELECT 1", 400))
        {
            Run("SELECT 2", 300);
        }

        Assert.Equal(["SELECT ?"], noted.ToList().Select(one => one.Text));
    }

    [Fact]
    public void Of_a_request_with_a_thousand_slow_statements_the_first_few_are_told_and_no_long_text_whole()
    {
        var noted = _slow.Begin();
        for (var i = 0; i < 1_000; i++)
        {
            Run($"INSERT INTO rows VALUES {string.Concat(Enumerable.Repeat("(@id, 'secret'), ", 1_000))}", 300);
        }

        var told = noted.ToList();
        Assert.Equal(10, told.Count);
        Assert.All(told, one => Assert.InRange(one.Text.Length, 500, 1_000));
        Assert.DoesNotContain(told, one => one.Text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Several_listen_in_one_process_and_each_to_its_own_requests()
    {
        using var other = new SlowStatements(TimeSpan.FromMilliseconds(1));
        var noted = _slow.Begin();
        Run("SELECT 1", 300);
        var others = other.Begin();
        Run("SELECT 2", 50);

        Assert.Single(noted.ToList());
        Assert.Single(others.ToList());
    }

    private void Run(string? statement, int milliseconds) => Start(statement, milliseconds)?.Dispose();

    private Activity? Start(string? statement, int milliseconds)
    {
        var span = _client.StartActivity("Execute", ActivityKind.Client);
        span?.SetTag("db.query.text", statement);
        span?.SetEndTime(span.StartTimeUtc.AddMilliseconds(milliseconds));
        return span;
    }
}
