using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ValidonX.ServiceDefaults.Telemetry;
using ValidonX.Tests.Coherence;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

/// <summary>Which traces are kept, and what is on their spans.</summary>
public sealed class LocalTracesTests : IDisposable
{
    private readonly List<Activity> _exported = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ActivitySource _source = new($"test.{Guid.NewGuid():N}");
    private TracerProvider? _provider;

    public void Dispose()
    {
        _provider?.Dispose();
        _services.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void A_trace_that_was_not_chosen_is_dropped()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });

        using (Request()) Child().Dispose();

        Assert.Empty(Exported());
    }

    [Fact]
    public void A_trace_that_fails_is_kept_whole_although_it_was_not_chosen()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });

        using (var request = Request())
        {
            Child().Dispose();
            request.SetStatus(ActivityStatusCode.Error);
        }

        Assert.Equal(["child", "request"], Exported().Select(span => span.DisplayName));
    }

    [Fact]
    public void A_trace_with_a_failure_below_is_kept()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });

        using (Request())
        {
            using var child = Child();
            child.SetStatus(ActivityStatusCode.Error);
            child.SetTag("http.response.status_code", 503);
        }

        Assert.Equal(2, Exported().Count);
    }

    [Fact]
    public void An_answer_that_only_says_no_keeps_nothing()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });

        using (Request())
        {
            using var child = Child();
            child.SetStatus(ActivityStatusCode.Error);
            child.SetTag("http.response.status_code", 404);
        }

        Assert.Empty(Exported());
    }

    [Fact]
    public void A_slow_trace_is_kept()
    {
        Listen(new TelemetryOptions { SampleRatio = 0, SlowAfter = TimeSpan.FromSeconds(1) });

        using (var request = Request())
        {
            Child().Dispose();
            request.SetEndTime(request.StartTimeUtc.AddSeconds(1));
        }

        Assert.Equal(2, Exported().Count);
    }

    [Fact]
    public void A_job_is_kept_and_what_runs_by_itself_makes_no_span()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });

        using (_source.StartActivity("job", ActivityKind.Consumer)) Child().Dispose();
        using (_source.StartActivity("poll", ActivityKind.Client)) Child()?.Dispose();
        using (_source.StartActivity("renewal")) Child()?.Dispose();

        Assert.Equal(["child", "job"], Exported().Select(span => span.DisplayName));
    }

    [Fact]
    public void What_a_filtered_request_does_makes_no_span()
    {
        Listen(new TelemetryOptions());

        using (var probe = Request())
        {
            // As the framework's instrumentation does for a path that is filtered out.
            probe.IsAllDataRequested = false;
            probe.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            Assert.Null(_source.StartActivity("ping", ActivityKind.Client));
        }

        Assert.Empty(Exported());
    }

    [Fact]
    public void A_request_from_a_service_that_keeps_its_trace_is_kept_here_too()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });

        foreach (var flags in new[] { ActivityTraceFlags.Recorded, ActivityTraceFlags.None })
        {
            var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true);
            _source.StartActivity("request", ActivityKind.Server, parent)!.Dispose();
        }

        Assert.Single(Exported());
    }

    [Fact]
    public void A_request_that_causes_a_job_is_kept_and_the_job_can_link_to_it()
    {
        Listen(new TelemetryOptions { SampleRatio = 0 });
        string? cause;

        using (var request = Request())
        {
            cause = TenantTelemetry.KeepCause();
            Assert.True(ActivityContext.TryParse(cause, null, out var context));
            Assert.Equal((request.TraceId, ActivityTraceFlags.Recorded), (context.TraceId, context.TraceFlags));
        }

        Assert.Single(Exported());
        Assert.Null(TenantTelemetry.KeepCause());
    }

    [Fact]
    public void Only_so_many_ordinary_traces_a_second_are_kept_and_every_failure_beside_them()
    {
        var time = new ManualTime();
        Listen(new TelemetryOptions { TracesPerSecond = 3 }, time);

        for (var i = 0; i < 10; i++) Request().Dispose();
        using (var failing = Request()) failing.SetStatus(ActivityStatusCode.Error);
        Assert.Equal(4, Exported().Count);

        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++) Request().Dispose();
        Assert.Equal(7, Exported().Count);
    }

    [Fact]
    public void The_tenant_is_on_every_span_of_a_request_also_on_those_from_before_it_was_known_and_from_after_the_end()
    {
        Listen(new TelemetryOptions());
        Activity late;

        using (Request())
        {
            Child().Dispose();
            late = Child();
            TenantTelemetry.Tag(late, "id", "slug", "plan");
            Child().Dispose();
            Activity.Current = late.Parent;
        }

        late.Dispose();

        Assert.Equal(4, Exported().Count);
        Assert.All(Exported(), span => Assert.Equal(
            ("id", "slug", "plan"), (span.GetTagItem("tenant.id"), span.GetTagItem("tenant.slug"), span.GetTagItem("tenant.plan"))));
    }

    [Fact]
    public void Exceptions_and_descriptions_on_spans_lose_the_values_that_they_quote()
    {
        Listen(new TelemetryOptions());

        using (Request())
        {
            using var child = Child();
            child.AddException(new InvalidOperationException("Duplicate entry 'MY-KEY' for key 'k'; owner jo@example.com"));
            child.SetStatus(ActivityStatusCode.Error, "Duplicate entry 'MY-KEY'");
        }

        var span = Exported()[0];
        var told = string.Join('\n', span.Events.SelectMany(happened => happened.Tags).Select(tag => tag.Value)) + span.StatusDescription;
        Assert.Contains("InvalidOperationException", told, StringComparison.Ordinal);
        Assert.DoesNotContain("MY-KEY", told, StringComparison.Ordinal);
        Assert.DoesNotContain("jo@", told, StringComparison.Ordinal);
    }

    private void Listen(TelemetryOptions options, TimeProvider? time = null) =>
        _provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(_source.Name)
            .SetSampler(new TraceSampler(options, time ?? TimeProvider.System))
            .AddProcessor(new LocalTraces(new Kept(_exported), options, new DatabaseTime(_services.GetRequiredService<IMeterFactory>())))
            .Build();

    private Activity Request() => _source.StartActivity("request", ActivityKind.Server)!;

    private Activity Child() => _source.StartActivity("child", ActivityKind.Client)!;

    private List<Activity> Exported()
    {
        _provider!.ForceFlush();
        return _exported;
    }

    private sealed class Kept(List<Activity> exported) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch) exported.Add(span);
            return ExportResult.Success;
        }
    }
}
