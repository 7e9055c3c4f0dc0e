using System.Data.Common;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Dapper;
using MySqlConnector;

namespace ValidonX.Tests.EndToEnd.Observability;

/// <summary>What <c>deploy/observability</c> ships, with a real Prometheus, and what a tenant that is broken on purpose looks like.</summary>
public sealed partial class PrometheusTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Labels that begin as metrics do, and what is there only when there is no room for a metric's series.
    private static readonly string[] Others = ["validonx_refused_by", "validonx_stage_name", "validonx_metric", "validonx_telemetry_overflow"];

    [GeneratedRegex(@"\b(?:http_server|validonx)_\w+|\btenant:validonx_[\w:]+", RegexOptions.CultureInvariant)]
    private static partial Regex MetricName { get; }

    [Fact]
    public async Task The_rules_are_right_by_their_own_tests()
    {
        var (exitCode, output) = await PrometheusProcess.ToolAsync(Path.Combine(PrometheusProcess.Shipped, "rules"), "test", "rules", "validonx.test.yml");

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task A_tenant_that_is_slow_and_one_that_fails_show_within_a_minute_on_their_page_as_an_alert_and_in_Prometheus_and_their_neighbor_is_flat()
    {
        var stack = await Stack.GetAsync();
        await using var prometheus = await PrometheusProcess.StartAsync(new Uri(SuiteTelemetry.Collector.Endpoint + Telemetry.PrometheusText.Path));
        var (slow, failing, neighbor) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        foreach (var one in (TestTenant[])[slow, failing, neighbor])
        {
            (await stack.Operator.PutAsync($"/v1/admin/tenants/{one.Id}/alert-thresholds", new { p95_ms = 1_000, minimum_requests = 20 })).ShouldBe(200);
        }

        var began = TimeProvider.System.GetTimestamp();
        await using (var locked = await LockedAsync(stack, slow))
        {
            var waiting = Task.WhenAll(Enumerable.Range(0, 25).Select(number => slow.App.ValidateAsync($"NOBODYS-{number}")));
            await Until.TrueAsync(() => TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(1.5), "whoever calls the slow tenant has waited");
            await locked.ExecuteAsync("UNLOCK TABLES");
            await waiting;
        }

        await BreakAsync(stack, failing);
        await Task.WhenAll(Enumerable.Range(0, 25).Select(number => failing.App.ValidateAsync($"NOBODYS-{number}")));
        await Task.WhenAll(Enumerable.Range(0, 25).Select(number => neighbor.App.ValidateAsync($"NOBODYS-{number}")));

        // As alerts and on their pages.
        await Until.TrueAsync(
            async () => (await AlertsAsync(stack, slow)).Contains("latency_p95") && (await AlertsAsync(stack, failing)).Contains("error_rate"), "the slow and the failing tenant are alerts");
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Minute);
        Assert.Empty(await AlertsAsync(stack, neighbor));
        Assert.InRange((await TotalsAsync(stack, slow)).P95, 1_000, 60_000);
        // And which of its statements it is, operators read on its page.
        var queries = (await stack.Operator.GetAsync($"/v1/admin/tenants/{slow.Id}/slow-queries")).ShouldBe(200).Data["queries"]!.AsArray();
        Assert.Contains(queries, query => ((string)query!["statement"]!).Contains("license_keys", StringComparison.Ordinal) && (double)query["duration_ms"]! >= 1_000);
        Assert.InRange((await TotalsAsync(stack, failing)).Errors, 20, 100);
        var flat = await TotalsAsync(stack, neighbor);
        Assert.Equal(0, flat.Errors);
        Assert.InRange(flat.P95, 0, 999);

        // In Prometheus. A rate needs two samples of a series: what is new to it calls again.
        await Until.TrueAsync(
            async () =>
            {
                foreach (var tenant in (TestTenant[])[slow, failing, neighbor])
                {
                    await tenant.App.ValidateAsync("NOBODYS-AGAIN");
                }

                return await ValueAsync(prometheus, "tenant:validonx_errors:ratio5m", failing) > 0.5 && await ValueAsync(prometheus, "tenant:validonx_request_duration_seconds:p95_5m", neighbor) is not null;
            },
            () => "Prometheus tells the failing tenant's errors",
            2 * Minute);
        Assert.Equal(0, await ValueAsync(prometheus, "tenant:validonx_errors:ratio5m", neighbor));
        Assert.Equal(0, await ValueAsync(prometheus, "tenant:validonx_errors:ratio5m", slow));

        await slow.CreateLicenseAsync();
        await WaitForTomorrowAsync(stack, slow);
        // Refused, as the month's quota of two calls is used up: there are refusals to be seen.
        (await stack.Operator.PutAsync($"/v1/admin/tenants/{neighbor.Id}/rate-limits", new { tenant = new { requests = 2 } })).ShouldBe(200);
        await Until.TrueAsync(async () => (await neighbor.App.ValidateAsync("NOBODYS")).Status == 429, "the neighbor is refused");
        await AssertDashboardsAsync(prometheus, neighbor);
    }

    /// <summary>Asks for all that dashboards ask for, and for every metric that they and the rules name.</summary>
    private static async Task AssertDashboardsAsync(PrometheusProcess prometheus, TestTenant tenant)
    {
        var expressions = Directory.EnumerateFiles(Path.Combine(PrometheusProcess.Shipped, "grafana", "dashboards"), "*.json")
            .SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray())
            .SelectMany(panel => panel!["targets"]!.AsArray())
            .Select(target => ((string)target!["expr"]!).Replace("$tenant", tenant.Slug, StringComparison.Ordinal).Replace("$__rate_interval", "1m", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(expressions);
        foreach (var expression in expressions)
        {
            await prometheus.QueryAsync(expression);
        }

        string[] rules = [await File.ReadAllTextAsync(Path.Combine(PrometheusProcess.Shipped, "rules", "validonx.yml"), TestContext.Current.CancellationToken)];
        var names = expressions.Concat(rules).SelectMany(text => MetricName.Matches(text)).Select(match => match.Value).Except(Others).ToHashSet(StringComparer.Ordinal);
        IEnumerable<string> missing = names;
        await Until.TrueAsync(async () => !(missing = names.Except(await prometheus.NamesAsync())).Any(), () => $"Prometheus knows {string.Join(", ", missing)}");
    }

    private static async Task<double?> ValueAsync(PrometheusProcess prometheus, string record, TestTenant tenant) =>
        await prometheus.QueryAsync($"{record}{{tenant_id=\"{tenant.Id}\", tenant_slug=\"{tenant.Slug}\"}}") is [var only] ? only.Value : null;

    private static async Task<string[]> AlertsAsync(Stack stack, TestTenant tenant) =>
    [
        .. (await stack.Operator.GetAsync($"/v1/admin/alerts?tenant_id={tenant.Id}")).ShouldBe(200).Data.AsArray().Select(alert => (string)alert!["kind"]!),
    ];

    private static async Task<(long Errors, double P95)> TotalsAsync(Stack stack, TestTenant tenant)
    {
        var total = (await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}/metrics")).ShouldBe(200).Data["totals"]!;
        return ((long)total["errors"]!, (double?)total["p95_ms"] ?? 0);
    }

    /// <summary>A session that holds the tenant's licenses, so that whoever reads them waits.</summary>
    private static async Task<DbConnection> LockedAsync(Stack stack, TestTenant tenant)
    {
        var session = await OpenAsync(stack, tenant);
        await session.ExecuteAsync("LOCK TABLES license_keys WRITE");
        return session;
    }

    /// <summary>Takes the tables away that a license is read from.</summary>
    private static async Task BreakAsync(Stack stack, TestTenant tenant)
    {
        await using var session = await OpenAsync(stack, tenant);
        await session.ExecuteAsync("SET foreign_key_checks = 0; DROP TABLE license_keys");
    }

    /// <summary>Gives the tenant a job whose time is tomorrow.</summary>
    private static async Task WaitForTomorrowAsync(Stack stack, TestTenant tenant)
    {
        await using var connection = new MySqlConnection(await stack.App.GetConnectionStringAsync("platform"));
        await connection.OpenAsync();
        await connection.ExecuteAsync(
            """
            CREATE TEMPORARY TABLE tomorrow SELECT * FROM jobs WHERE tenant_id = @Id LIMIT 1;
            UPDATE tomorrow SET id = UUID(), status = 'pending', due_at = UTC_TIMESTAMP(6) + INTERVAL 1 DAY, finished_at = NULL;
            INSERT INTO jobs SELECT * FROM tomorrow
            """,
            new { Id = tenant.Id.ToString() });
    }

    private static async Task<DbConnection> OpenAsync(Stack stack, TestTenant tenant)
    {
        var database = (await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}")).ShouldBe(200).Data["tenant"]!["database"]!;
        var connection = new MySqlConnection(await stack.App.GetConnectionStringAsync((string)database["server"]!));
        await connection.OpenAsync();
        await connection.ExecuteAsync($"USE `{database["name"]}`");
        return connection;
    }
}
