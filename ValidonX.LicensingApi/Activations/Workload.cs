using System.Text.Json;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The pod or container that an app runs in. It is what takes the seat, however often the app in it starts anew; the seat is leased and free again soon after it is gone.</summary>
internal sealed record Workload : IChecked
{
    public const string Kubernetes = "kubernetes";
    public const string Container = "container";

    /// <summary>What runs it.</summary>
    [Words(Kubernetes, Container)]
    public required string Kind { get; init; }

    /// <summary>The pod's namespace; needed for Kubernetes.</summary>
    [Text(63)]
    [Example("shop")]
    public string? Namespace { get; init; }

    /// <summary>The pod's name, or the container's name or id.</summary>
    [Text(180)]
    [Example("checkout-5d9c7b6f4-x2x8q")]
    public required string Pod { get; init; }

    /// <summary>The machine that it runs on.</summary>
    [Text(253)]
    [Example("node-3")]
    public string? Node { get; init; }

    /// <summary>What it was started from.</summary>
    [Text(255)]
    [Example("registry.example.com/checkout:4.2.0")]
    public string? Image { get; init; }

    /// <summary>The instance that it is.</summary>
    public string ToInstanceId() => Namespace is null ? $"{Kind}:{Pod}" : $"{Kind}:{Namespace}/{Pod}";

    /// <summary>As it is stored.</summary>
    public string ToText() => JsonSerializer.Serialize(this, LicensingJson.Default.Workload);

    /// <summary>Reads what is stored.</summary>
    public static Workload? Parse(string? text) => text is null ? null : JsonSerializer.Deserialize(text, LicensingJson.Default.Workload);

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (Kind == Kubernetes && Namespace is null && !at.Has("namespace"))
        {
            at.Of("namespace").Fail("Is required for kubernetes.");
        }
    }
}
