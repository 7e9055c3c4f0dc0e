using System.Globalization;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>
/// Calls as Redis and the database server count them themselves. What they count while nothing is asked (heartbeats, probes, workers
/// looking for jobs) is measured over an idle time first and taken off.
/// </summary>
internal sealed class ServerCounters(BenchmarkStack stack) : IAsyncDisposable
{
    private PlatformDatabase? _database;
    private StackExchange.Redis.ConnectionMultiplexer? _redis;

    /// <summary>Calls a second while idle.</summary>
    public Calls IdlePerSecond { get; private set; } = new(0, 0);

    /// <summary>Connects, and measures the idle rate.</summary>
    public async Task StartAsync(TimeSpan idle)
    {
        _database = new PlatformDatabase(ConnectionSettings.Parse(await stack.ConnectionStringAsync("platform")));
        _redis = RedisClient.Connect($"{await stack.ConnectionStringAsync("redis")},allowAdmin=true");
        var before = await ReadAsync();
        await Task.Delay(idle);
        var after = await ReadAsync();
        IdlePerSecond = new Calls((after.Redis - before.Redis) / idle.TotalSeconds, (after.Sql - before.Sql) / idle.TotalSeconds);
    }

    /// <summary>What the servers have counted so far.</summary>
    public async Task<Calls> ReadAsync()
    {
        await using var connection = await _database!.OpenAsync(CancellationToken.None);
        var questions = (await connection.QueryAsync<(string Name, string Value)>("SHOW GLOBAL STATUS LIKE 'Questions'")).Single().Value;
        var info = (await _redis!.GetDatabase().ExecuteAsync("INFO", "stats")).ToString()!;
        var commands = info.Split('\n').Single(line => line.StartsWith("total_commands_processed:", StringComparison.Ordinal)).Split(':')[1];
        return new Calls(double.Parse(commands, CultureInfo.InvariantCulture), double.Parse(questions, CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _redis?.Dispose();
    }
}

/// <summary>Calls to each kind of server.</summary>
internal sealed record Calls(double Redis, double Sql);
