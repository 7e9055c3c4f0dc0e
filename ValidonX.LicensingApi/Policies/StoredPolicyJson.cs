using System.Text.Json.Serialization;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Policies;

/// <summary>Policies as they are stored: what is not said is not there.</summary>
[JsonSerializable(typeof(Policy))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
internal sealed partial class StoredPolicyJson : JsonSerializerContext;
