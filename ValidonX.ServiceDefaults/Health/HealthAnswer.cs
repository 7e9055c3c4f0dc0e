using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.ServiceDefaults.Health;

/// <summary>A health report, ready to send: states and our own descriptions, never an exception or an address.</summary>
public sealed class HealthAnswer
{
    private HealthAnswer(HealthStatus status, IReadOnlyDictionary<string, HealthStatus> states, byte[] brief, byte[] details)
    {
        (IsReady, States, Brief, Details) = (status != HealthStatus.Unhealthy, states, brief, details);
    }

    /// <summary>What a process that can answer answers to whether it is alive.</summary>
    public static ReadOnlyMemory<byte> Alive { get; } = "{\"status\":\"healthy\"}"u8.ToArray();

    /// <summary>Whether the service serves: all is healthy or degraded.</summary>
    public bool IsReady { get; }

    /// <summary>For anyone: <c>{"status":"healthy"}</c>.</summary>
    public ReadOnlyMemory<byte> Brief { get; }

    /// <summary>For operators: <c>{"status":"healthy","checks":{"redis":{"status":"degraded","description":"…"}}}</c>.</summary>
    public ReadOnlyMemory<byte> Details { get; }

    internal IReadOnlyDictionary<string, HealthStatus> States { get; }

    internal static HealthAnswer Of(HealthReport report) =>
        new(
            report.Status,
            report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status, StringComparer.Ordinal),
            ToJson(report, withChecks: false),
            ToJson(report, withChecks: true));

    /// <summary>Not ready, for one reason.</summary>
    internal static HealthAnswer Of(string check, string description) =>
        Of(new HealthReport(
            new Dictionary<string, HealthReportEntry> { [check] = new(HealthStatus.Unhealthy, description, TimeSpan.Zero, exception: null, data: null) },
            TimeSpan.Zero));

    private static byte[] ToJson(HealthReport report, bool withChecks)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("status", Word(report.Status));
            if (withChecks)
            {
                writer.WriteStartObject("checks");
                foreach (var (name, entry) in report.Entries)
                {
                    writer.WriteStartObject(name);
                    writer.WriteString("status", Word(entry.Status));
                    if (entry.Description is { } description)
                    {
                        writer.WriteString("description", description);
                    }

                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static string Word(HealthStatus status) =>
        status switch
        {
            HealthStatus.Healthy => "healthy",
            HealthStatus.Degraded => "degraded",
            _ => "unhealthy",
        };
}
