using System.Net.Sockets;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Telemetry;

/// <summary>The variables that make a service send its telemetry, when the AppHost was told where to.</summary>
internal sealed class TelemetryEnvironment(IConfiguration configuration, IHostEnvironment environment)
{
    // These say where Aspire's dashboard would listen. There is none here unless somebody started one there.
    private static readonly string[] DashboardKeys = ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMilliseconds(200);

    private readonly Lazy<string?> _endpoint = new(() => Endpoint(configuration));

    public IEnumerable<KeyValuePair<string, string?>> For(LaunchRequest request)
    {
        if (_endpoint.Value is not { } endpoint)
            yield break;

        yield return new("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        yield return new("OTEL_EXPORTER_OTLP_PROTOCOL", configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "grpc");
        if (configuration["OTEL_EXPORTER_OTLP_HEADERS"] is { Length: > 0 } headers)
            yield return new("OTEL_EXPORTER_OTLP_HEADERS", headers);
        else if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
            yield return new("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={key}");

        yield return new("OTEL_SERVICE_NAME", request.Resource.Name);
        yield return new("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={request.InstanceId}");
        if (environment.IsDevelopment())
        {
            yield return new("OTEL_BLRP_SCHEDULE_DELAY", "1000");
            yield return new("OTEL_BSP_SCHEDULE_DELAY", "1000");
            yield return new("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        }
    }

    private static string? Endpoint(IConfiguration configuration) =>
        configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } endpoint
            ? endpoint
            : DashboardKeys.Select(key => configuration[key]).FirstOrDefault(url => url is { Length: > 0 } && IsListening(url));

    private static bool IsListening(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
            return false;

        try
        {
            using var client = new TcpClient();
            return client.ConnectAsync(address.Host, address.Port).Wait(ConnectTimeout);
        }
        catch (AggregateException)
        {
            return false;
        }
    }
}
