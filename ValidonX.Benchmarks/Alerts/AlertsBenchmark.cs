using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spectre.Console;
using StackExchange.Redis;
using ValidonX.Benchmarks.Provisioning;
using ValidonX.Benchmarks.Reporting;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Schema;
using ValidonX.Provisioner.Alerts;

namespace ValidonX.Benchmarks.Alerts;

/// <summary>
/// Looks at many tenants again and again, beside reading of Redis what they did alone, and beside writing there what a gateway has counted of them; in a database of its own, which no other
/// provisioner knows.
/// </summary>
internal static class AlertsBenchmark
{
    private const string Name = "vx_bench_alerts";
    private const int Looks = 20;
    private const int RowsAtOnce = 1_000;

    public static async Task RunAsync(int tenants)
    {
        await using var stack = await ProvisioningStack.StartAsync();
        var login = ConnectionSettings.Parse(stack.PlatformConnectionString);
        await using var server = new PlatformDatabase(login);
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS `{Name}`; CREATE DATABASE `{Name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        await using var platform = new PlatformDatabase(login with { Database = Name });
        await new PlatformSchema(platform, new SchemaMigrator(TimeProvider.System)).MigrateAsync(CancellationToken.None);
        await using var redis = RedisClient.Connect(stack.RedisConnectionString);

        Guid[] ids = [.. Enumerable.Range(0, tenants).Select(_ => Guid.CreateVersion7())];
        await FillAsync(platform, ids);
        var recent = new RecentUse(redis);
        var options = Options.Create(new AlertOptions());

        // Nobody is conspicuous, so that nothing is opened and nobody is mailed: what there is to open depends on what happens, and not on how many tenants there are.
        var journal = new AlertJournal(platform, new AuditLog(TimeProvider.System), mail: null!, new RedisWakeup(redis, NullLogger<RedisWakeup>.Instance), options);
        var round = new AlertRound(recent, new AlertFacts(platform), new ConfiguredThresholds(platform, options), journal, options, TimeProvider.System, NullLogger<AlertRound>.Instance);
        var tallies = new Tallies(TimeProvider.System);
        var rollups = new RollupOptions();
        using var writer = new RollupWriter(tallies, redis, Options.Create(rollups), TimeProvider.System, NullLogger<RollupWriter>.Instance);
        var read = new Costs("reading of Redis what tenants did", options.Value.Interval);
        var whole = new Costs("one look at everything", options.Value.Interval);
        var write = new Costs("writing what a gateway has counted of them", rollups.FlushInterval);
        for (var i = -2; i < Looks; i++)
        {
            await CountAsync(redis, ids);
            await read.MeasureAsync(() => recent.ReadAsync(DateTimeOffset.UtcNow, CancellationToken.None), isKept: i >= 0);
            await whole.MeasureAsync(() => round.RunAsync(CancellationToken.None), isKept: i >= 0);
            foreach (var id in ids)
            {
                tallies.Request(id, "/v1/integration/licenses/{licenseKey}/validate", 200, null, TimeSpan.FromMilliseconds(1));
            }

            await write.MeasureAsync(writer.FlushAsync, isKept: i >= 0);
        }

        var table = new Table().Title($"{Figure.Text(tenants)} tenants that called in the last two minutes, {Looks} looks").AddColumns("what", "P50 ms", "P95 ms", "processor time, ms", "of one core", "once in, s");
        foreach (var costs in (Costs[])[read, whole, write])
        {
            table.AddRow(
                costs.What,
                Figure.Text(Series.MedianOf(costs.Elapsed), "0"),
                Figure.Text(Series.Percentile(costs.Elapsed, 0.95), "0"),
                Figure.Text(Series.MedianOf(costs.Processor), "0"),
                $"{Figure.Text(Series.MedianOf(costs.Processor) / costs.Every.TotalMilliseconds * 100, "0.0")} %",
                Figure.Text(costs.Every.TotalSeconds, "0"));
        }

        AnsiConsole.Write(table);
        await ExecuteAsync(server, $"DROP DATABASE `{Name}`");
    }

    /// <summary>As two gateways write the running minute and the one before.</summary>
    private static async Task CountAsync(ConnectionMultiplexer redis, Guid[] ids)
    {
        var (now, database) = (DateTime.UtcNow, redis.GetDatabase());
        var use = new Use();
        for (var i = 0; i < 40; i++)
        {
            use.Count(200, null, TimeSpan.FromMilliseconds(i));
        }

        var written = new List<Task>();
        foreach (var at in (DateTime[])[now.AddMinutes(-1), now])
        {
            var hour = TenantTally.Hour(at);
            foreach (var id in ids)
            {
                written.Add(database.SetAddAsync(RollupKeys.TenantsOf(hour), id.ToString()));
                written.Add(database.HashSetAsync(
                    RollupKeys.OfHour(id, hour), [new(RollupKeys.Field(at, isRoutes: false, "one"), use.ToString()), new(RollupKeys.Field(at, isRoutes: false, "two"), use.ToString())]));
            }
        }

        await Task.WhenAll(written);
    }

    private static async Task FillAsync(PlatformDatabase platform, Guid[] ids)
    {
        foreach (var some in ids.Chunk(RowsAtOnce))
        {
            var rows = some.Select(id => $"('{id}', 'Benchmark', 'b-{id:N}', 'active', 'pro', 'local', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
            await ExecuteAsync(platform, $"INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at) VALUES {string.Join(", ", rows)}");
            var used = some.Select(id => $"('{id}', '{DateTime.UtcNow:yyyy-MM}-01', 'one', 500, UTC_TIMESTAMP(6))");
            await ExecuteAsync(platform, $"INSERT INTO api_call_months (tenant_id, month, writer, used, updated_at) VALUES {string.Join(", ", used)}");
        }
    }

    private static async Task ExecuteAsync(PlatformDatabase database, string sql)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql);
    }

    private sealed class Costs(string what, TimeSpan every)
    {
        public string What => what;

        public TimeSpan Every => every;

        public List<double> Elapsed { get; } = [];

        public List<double> Processor { get; } = [];

        public async Task MeasureAsync(Func<Task> look, bool isKept)
        {
            var (started, used) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await look();
            if (isKept)
            {
                Elapsed.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
                Processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
            }
        }
    }
}
