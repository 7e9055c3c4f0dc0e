using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>Registers what makes the API's document.</summary>
internal static class ApiDocumentRegistration
{
    public static void AddApiDocument(this IServiceCollection services)
    {
        // Only the document is made by these: answers are written by LicensingJson, requests are read by RecordReader, both by the same rules.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        });
        services.AddOpenApi(ApiDocument.Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = type => SchemaRules.NameOf(type.Type, OpenApiOptions.CreateDefaultSchemaReferenceId(type));
            options.AddSchemaTransformer<SchemaRules>();
            options.AddOperationTransformer<OperationRules>();
            options.AddDocumentTransformer<DocumentRules>();
        });
        services.AddSingleton<ApiDocument>();
    }
}
