using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>
/// What an operator sees of the whole stack: traces over all processes, and the tenant on everything. That nothing secret is in any of it is
/// checked when the suite has ended, over all that its tests have caused (<see cref="StackLifetime"/>).
/// </summary>
public sealed class TelemetryTests
{
    private const string ValidateRoute = "/v1/integration/licenses/{licenseKey}/validate";
    private static readonly string[] TenantTags = ["tenant.id", "tenant.slug", "tenant.plan"];

    [Fact]
    public async Task A_request_is_one_trace_from_the_gateway_over_the_api_to_the_database_named_by_its_route_and_with_its_tenant_on_every_span()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        var entry = await SuiteTelemetry.Collector.SpanAsync(
            span => span.Name == $"POST {ValidateRoute}" && span.Kind == CollectedSpan.Server && span.ParentId == "" && IsOf(tenant, span.Attributes),
            "the gateway's span of the validation arrives");
        // What the request asked for is told before the request itself, which ends later.
        var trace = await TraceAsync(
            entry.TraceId,
            spans => spans.Any(span => span.Source == "MySqlConnector" && span.Service.StartsWith("licensing-api", StringComparison.Ordinal)) && spans.Any(IsServed));
        var served = Assert.Single(trace, IsServed);

        Assert.Equal($"POST {ValidateRoute}", served.Name);
        Assert.Equal(ValidateRoute, served.Attributes["http.route"]);
        Assert.Equal(ValidateRoute, served.Attributes["url.path"]);
        Assert.Equal("200", served.Attributes["http.response.status_code"]);
        Assert.All(trace, span => Assert.True(IsOf(tenant, span.Attributes), $"{span.Service}: {span.Name} does not name its tenant."));
        Assert.All(trace.Where(span => span.Source == "MySqlConnector" && span.Attributes.ContainsKey("db.query.text")), span =>
            Assert.DoesNotContain('\'', span.Attributes["db.query.text"]));

        bool IsServed(CollectedSpan span) => span.Kind == CollectedSpan.Server && span.ParentId == entry.SpanId;
    }

    [Fact]
    public async Task A_first_request_shows_what_it_waited_for_in_redis_by_command_and_without_keys()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        var command = await SuiteTelemetry.Collector.SpanAsync(
            span => span.Source.Contains("StackExchangeRedis", StringComparison.Ordinal) && span.Service.StartsWith("gateway", StringComparison.Ordinal) && IsOf(tenant, span.Attributes),
            "a command of the gateway for the tenant arrives");
        Assert.NotEqual("", command.ParentId);
        Assert.All(command.Attributes, attribute => Assert.DoesNotContain($"tenant:{tenant.Id}", attribute.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_request_tells_the_limit_that_refused_it_and_is_found_by_its_request_id()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        (await stack.Operator.PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new { key = new { requests = 1, period_seconds = 3600 } })).ShouldBe(200);

        Answer answer;
        do
        {
            answer = await tenant.App.ValidateAsync(license.Key);
        }
        while (answer.Status == 200);

        answer.ShouldBe(429);
        var id = Assert.Single(answer.Headers.GetValues("X-Request-ID"));
        var span = await SuiteTelemetry.Collector.SpanAsync(span => span.Attributes.GetValueOrDefault("validonx.request.id") == id, "the refused request's span arrives");
        Assert.Equal("key", span.Attributes["validonx.refused_by"]);
        Assert.False(span.IsError);
        await Until.TrueAsync(
            () => SuiteTelemetry.Collector.Metrics.Any(series => series.Metric == "http.server.request.duration"
                && series.Attributes.GetValueOrDefault("validonx.refused_by") == "key"
                && series.Attributes.GetValueOrDefault("http.response.status_code") == "429"
                && IsOf(tenant, series.Attributes)),
            "the refusal is counted for the tenant");
    }

    [Fact]
    public async Task A_request_id_that_its_caller_made_of_an_address_leaves_without_it()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();

        (await tenant.App.PostAsync("/v1/integration/entitlements/check", new { }, ("X-Request-ID", $"jo@{tenant.Id}.example"))).ShouldBe(422);

        var span = await SuiteTelemetry.Collector.SpanAsync(
            span => IsOf(tenant, span.Attributes) && span.Attributes.GetValueOrDefault("http.route") == "/v1/integration/entitlements/check", "the span arrives");
        Assert.Equal("[redacted]", span.Attributes["validonx.request.id"]);
    }

    [Fact]
    public async Task A_callers_trace_is_linked_and_not_continued()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        const string stranger = "0af7651916cd43dd8448eb211c80319c";

        (await tenant.App.PostAsync("/v1/integration/entitlements/check", new { }, ("traceparent", $"00-{stranger}-b7ad6b7169203331-01"))).ShouldBe(422);

        var entry = await SuiteTelemetry.Collector.SpanAsync(span => span.LinkedTraces.Contains(stranger) && IsOf(tenant, span.Attributes), "the linked span arrives");
        Assert.Equal("", entry.ParentId);
        Assert.DoesNotContain(SuiteTelemetry.Collector.Spans, span => span.TraceId == stranger);
    }

    [Fact]
    public async Task A_provisioning_run_and_its_twelve_stages_are_one_trace_linked_to_the_request_that_caused_it()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();

        var job = await SuiteTelemetry.Collector.SpanAsync(
            span => span.Kind == CollectedSpan.Consumer && span.Name == "job provision" && IsOf(tenant, span.Attributes),
            "the job's span arrives");
        var trace = await TraceAsync(job.TraceId, spans => spans.Count(span => span.Name.StartsWith("stage ", StringComparison.Ordinal)) == 12);
        Assert.Equal(12, trace.Where(span => span.Source == "ValidonX.Provisioning").Select(span => span.Name).Distinct().Count());
        Assert.Contains(trace, span => span.Source == "MySqlConnector");
        Assert.All(trace, span => Assert.True(IsOf(tenant, span.Attributes), $"{span.Name} does not name its tenant."));

        var cause = Assert.Single(job.LinkedTraces);
        await SuiteTelemetry.Collector.SpanAsync(span => span.TraceId == cause && span.Name == "POST /v1/admin/tenants", "the request that the job links to arrives");
    }

    [Fact]
    public async Task Metrics_of_requests_jobs_stages_and_database_time_name_the_tenant_and_their_units()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        foreach (var (metric, tag, value) in new[]
        {
            ("http.server.request.duration", "http.route", ValidateRoute),
            ("validonx.job.duration", "validonx.outcome", "succeeded"),
            ("validonx.job.wait.duration", "job.kind", "provision"),
            ("validonx.provisioning.stage.duration", "validonx.stage.name", "create_database"),
            ("validonx.database.duration", "validonx.work", "request"),
            ("validonx.database.duration", "validonx.work", "job"),
        })
        {
            await Until.TrueAsync(
                () => SuiteTelemetry.Collector.Metrics.Any(series => series.Metric == metric
                    && series.Unit == "s"
                    && series.Value > 0
                    && series.Attributes.GetValueOrDefault(tag) == value
                    && IsOf(tenant, series.Attributes)),
                $"{metric} with {tag}={value} arrives for the tenant");
        }

        Assert.DoesNotContain(SuiteTelemetry.Collector.Metrics, series => series.Metric == "validonx.telemetry.overflow");
    }

    [Fact]
    public async Task Every_series_of_a_metric_that_names_a_tenant_has_its_id_its_slug_and_its_plan()
    {
        var stack = await Stack.GetAsync();
        await stack.CreateTenantAsync();
        await Until.TrueAsync(() => SuiteTelemetry.Collector.Metrics.Any(series => series.Attributes.ContainsKey("tenant.id")));

        Assert.Empty(SuiteTelemetry.Collector.Metrics
            .Where(series => TenantTags.Any(series.Attributes.ContainsKey) && TenantTags.Any(tag => series.Attributes.GetValueOrDefault(tag, "") == ""))
            .Select(series => $"{series.Service} {series.Metric} {string.Join(", ", series.Attributes)}"));
    }

    [Fact]
    public async Task Probes_renewals_and_polls_make_no_spans()
    {
        var stack = await Stack.GetAsync();
        await stack.CreateTenantAsync();
        await Until.TrueAsync(() => SuiteTelemetry.Collector.Spans.Any(span => span.Kind == CollectedSpan.Consumer));

        var roots = SuiteTelemetry.Collector.Spans.Where(span => span.ParentId == "").ToList();
        Assert.Empty(roots
            .Where(span => span.Kind is not (CollectedSpan.Server or CollectedSpan.Consumer))
            .Select(span => $"{span.Service} {span.Source} {span.Name}"));
        Assert.DoesNotContain(SuiteTelemetry.Collector.Spans, span => span.Name is "GET /health" or "GET /alive" or "PING" or "SELECT 1");
        // A probe of another service, or a look into Redis. (A server's "GET" is a call of a route that there is not. The portal makes its pages of what it asks the gateway for;
        // where it asked without a page, that would be one of the roots above.)
        Assert.DoesNotContain(SuiteTelemetry.Collector.Spans, span => span is { Name: "GET", Kind: CollectedSpan.Client, Service: not "portal" });
        // Leases and polls are the provisioner's; what the API makes due, somebody has asked for.
        Assert.DoesNotContain(
            SuiteTelemetry.Collector.Spans,
            span => !span.Service.StartsWith("licensing-api", StringComparison.Ordinal)
                && span.Attributes.GetValueOrDefault("db.query.text", "").Contains("SET due_at", StringComparison.Ordinal)
                && !span.Attributes["db.query.text"].Contains("START TRANSACTION", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Probes_are_no_requests_in_the_metrics()
    {
        var stack = await Stack.GetAsync();
        using var answer = await stack.Gateways[0].GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        var tenant = await stack.CreateTenantAsync();
        (await tenant.App.ValidateAsync("NO-SUCH-LICENSE")).ShouldBe(404);

        // Sent after the probe, and by the API too, which the gateway probes all the time.
        foreach (var service in new[] { "gateway", "licensing-api" })
        {
            await Until.TrueAsync(
                () => SuiteTelemetry.Collector.Metrics.Any(series => series.Metric == "http.server.request.duration"
                    && series.Service.StartsWith(service, StringComparison.Ordinal)
                    && IsOf(tenant, series.Attributes)),
                $"the {service}'s request is measured");
        }

        Assert.DoesNotContain(
            SuiteTelemetry.Collector.Metrics,
            series => series.Metric == "http.server.request.duration" && series.Attributes.GetValueOrDefault("http.route", "") is "/health" or "/alive");
    }

    private static bool IsOf(TestTenant tenant, IReadOnlyDictionary<string, string> attributes) =>
        attributes.GetValueOrDefault("tenant.id") == tenant.Id.ToString()
        && attributes.GetValueOrDefault("tenant.slug") == tenant.Slug
        && attributes.GetValueOrDefault("tenant.plan") == "pro";

    private static async Task<List<CollectedSpan>> TraceAsync(string traceId, Predicate<List<CollectedSpan>> isWhole)
    {
        List<CollectedSpan> spans = [];
        await Until.TrueAsync(
            () => Task.FromResult(isWhole(spans = [.. SuiteTelemetry.Collector.Spans.Where(span => span.TraceId == traceId)])),
            () => $"the trace is whole; so far: {string.Join(", ", spans.Select(span => $"{span.Service} {span.Source} {span.Name}"))}");
        return spans;
    }
}
