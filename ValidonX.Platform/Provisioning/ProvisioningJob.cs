using System.Text.Json;
using System.Text.Json.Serialization;

namespace ValidonX.Platform.Provisioning;

/// <summary>The job that carries a provisioning run to a worker: kind <c>provision</c>, payload <c>{"run_id": "…"}</c>.</summary>
/// <param name="RunId">The run.</param>
public sealed record ProvisioningJob(Guid RunId)
{
    /// <summary>The job's kind.</summary>
    public const string Kind = "provision";

    /// <summary>Tries before the run is <c>failed</c> and waits for an operator.</summary>
    public const int MaximumAttempts = 8;

    /// <summary>The job's payload.</summary>
    public string ToPayload() => JsonSerializer.Serialize(this, ProvisioningJobJson.Default.ProvisioningJob);

    /// <summary>Reads a job's payload.</summary>
    /// <exception cref="JsonException">It is not one of this kind.</exception>
    public static ProvisioningJob FromPayload(string payload) =>
        JsonSerializer.Deserialize(payload, ProvisioningJobJson.Default.ProvisioningJob) ?? throw new JsonException("The payload is null.");
}

[JsonSerializable(typeof(ProvisioningJob))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
public sealed partial class ProvisioningJobJson : JsonSerializerContext;
