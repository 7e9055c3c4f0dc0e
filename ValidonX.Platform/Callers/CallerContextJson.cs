using System.Text.Json.Serialization;

namespace ValidonX.Platform.Callers;

[JsonSerializable(typeof(CallerContext))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CallerContextJson : JsonSerializerContext;
