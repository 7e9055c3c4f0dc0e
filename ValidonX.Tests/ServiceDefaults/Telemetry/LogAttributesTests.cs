using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

/// <summary>What a log line carries when it leaves the process.</summary>
public sealed class LogAttributesTests : IDisposable
{
    private readonly ActivitySource _source = new($"test.{Guid.NewGuid():N}");
    private readonly Kept _kept = new();
    private readonly TracerProvider _tracing;
    private readonly ILoggerFactory _factory;
    private readonly ILogger _logger;

    public LogAttributesTests()
    {
        _tracing = Sdk.CreateTracerProviderBuilder().AddSource(_source.Name).SetSampler(new TraceSampler(new TelemetryOptions(), TimeProvider.System)).Build();
        _factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.AddProcessor(new LogAttributes());
            options.AddProcessor(_kept);
        }));
        _logger = _factory.CreateLogger("test");
    }

    public void Dispose()
    {
        _factory.Dispose();
        _tracing.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void A_line_of_a_request_names_its_tenant_wherever_in_the_request_it_is_written()
    {
        using (_source.StartActivity("request", ActivityKind.Server))
        using (_source.StartActivity("query", ActivityKind.Client))
        {
            TenantTelemetry.Tag(Activity.Current, "id", "slug", "plan");
            _logger.LogWarning("Attempt {Attempt} failed.", 2);
        }

        Assert.Equal("Attempt 2 failed.", _kept.Message);
        Assert.Equal(2, _kept.Attributes["Attempt"]);
        Assert.Equal(("id", "slug", "plan"), (_kept.Attributes["tenant.id"], _kept.Attributes["tenant.slug"], _kept.Attributes["tenant.plan"]));
    }

    [Fact]
    public void Secrets_leave_neither_with_the_message_nor_with_its_parts_nor_with_the_exception_nor_with_a_scope()
    {
        using (_logger.BeginScope(new Dictionary<string, object> { ["RequestPath"] = "/v1/integration/licenses/SCOPED/validate" }))
        {
            _logger.LogError(
                new InvalidOperationException("Duplicate entry 'MY-KEY' for key", new InvalidOperationException("password=hunter2")),
                "Failed for {Who} at {Path}.",
                "jo@example.com",
                "/v1/integration/licenses/MY-KEY/validate");
        }

        var all = string.Join('\n', _kept.Attributes.Select(pair => $"{pair.Key}={pair.Value}").Append(_kept.Message));
        Assert.Contains("exception.type=System.InvalidOperationException", all, StringComparison.Ordinal);
        Assert.Contains("exception.stacktrace=", all, StringComparison.Ordinal);
        Assert.False(_kept.HasException);
        foreach (var secret in new[] { "MY-KEY", "jo@", "hunter2", "SCOPED" }) Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
    }

    private sealed class Kept : BaseProcessor<LogRecord>
    {
        public string? Message { get; private set; }

        public bool HasException { get; private set; }

        public Dictionary<string, object?> Attributes { get; private set; } = new Dictionary<string, object?>();

        public override void OnEnd(LogRecord data)
        {
            (Message, HasException) = (data.FormattedMessage, data.Exception is not null);
            var attributes = data.Attributes!.ToDictionary(pair => pair.Key, pair => pair.Value);
            data.ForEachScope(
                (scope, all) =>
                {
                    foreach (var (name, value) in scope) all[name] = value;
                },
                attributes);
            Attributes = attributes;
        }
    }
}
