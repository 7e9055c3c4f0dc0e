using System.Text.Json;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Fields;

/// <summary>A cursor, opaque to the caller.</summary>
internal sealed class CursorAttribute : FieldAttribute
{
    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place) =>
        RequestBody.ReadText(value) is { } text && PageRequest.Decode(text) is { } before ? new RawCursor(before) : place.Fail("Must be the next_cursor of the page before.");

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.String;
        schema.Properties = null;
        schema.Required = null;
        schema.MaxLength = 44;
    }
}
