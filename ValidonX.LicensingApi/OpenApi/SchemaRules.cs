using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Plans;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>Tells in the schemas what the fields' rules demand, and how the types look in JSON that are no objects there.</summary>
internal sealed class SchemaRules : IOpenApiSchemaTransformer
{
    private static readonly HashSet<Type> Values = [typeof(RawJson), typeof(EmailAddress), typeof(RawCursor), typeof(EntitlementList), typeof(PlanEntitlementList)];

    /// <summary>The name of a type's schema, or <see langword="null"/> for one that is written where it is used.</summary>
    public static string? NameOf(Type type, string? usual)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return Values.Contains(plain) || (plain.IsGenericType && plain.Namespace == typeof(Enveloped<>).Namespace) || IsGiven(plain, out _)
            ? null
            : usual;
    }

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        DescribeType(schema, IsGiven(type, out var given) ? given : type, isNullable: IsNullable(context) || IsGiven(type, out _));
        if (context.JsonPropertyInfo?.AttributeProvider is { } property)
        {
            foreach (var rule in property.GetCustomAttributes(typeof(FieldAttribute), inherit: true).Cast<FieldAttribute>())
            {
                rule.Describe(schema);
            }

            if (property.GetCustomAttributes(typeof(ShapeAttribute), inherit: true).Cast<ShapeAttribute>().FirstOrDefault() is { } shape)
            {
                Describe(schema, shape);
            }

            if (property.GetCustomAttributes(typeof(ExampleAttribute), inherit: true).Cast<ExampleAttribute>().FirstOrDefault() is { } example)
            {
                schema.Examples = [Parse(example.Value, schema)];
            }
        }

        return Task.CompletedTask;
    }

    private static void DescribeType(OpenApiSchema schema, Type type, bool isNullable)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var orNull = isNullable || plain != type ? JsonSchemaType.Null : 0;
        if (plain == typeof(EmailAddress))
        {
            BecomeText(schema, orNull);
            schema.Format = "email";
            schema.MaxLength = EmailAddress.MaximumLength;
        }
        else if ((plain == typeof(int) || plain == typeof(long)) && schema.Properties is not null)
        {
            // What is read out of a Given<T>.
            schema.Type = JsonSchemaType.Integer | orNull;
            schema.Properties = null;
            schema.Required = null;
        }
        else if (plain == typeof(string))
        {
            BecomeText(schema, orNull);
        }
        else if (plain == typeof(DateTimeOffset))
        {
            BecomeText(schema, orNull);
            schema.Format = "date-time";
        }
        else if (plain.IsEnum)
        {
            BecomeText(schema, orNull);
            schema.Enum = [.. Enum.GetValues(plain).Cast<object>().Select(value => (JsonNode)StoredEnum.WordOf(value))];
            if (orNull != 0)
            {
                schema.Enum.Add(null!);
            }
        }
    }

    private static void Describe(OpenApiSchema schema, ShapeAttribute shape)
    {
        schema.Description = null;
        schema.Type = shape.Type;
        if (shape.Type.HasFlag(JsonSchemaType.Array))
        {
            schema.Items = new OpenApiSchema { Type = shape.Of };
        }
        else if (shape.Of != 0)
        {
            schema.AdditionalProperties = new OpenApiSchema { Type = shape.Of };
        }
    }

    private static void BecomeText(OpenApiSchema schema, JsonSchemaType orNull)
    {
        schema.Type = JsonSchemaType.String | orNull;
        schema.Properties = null;
        schema.Required = null;
    }

    private static bool IsNullable(OpenApiSchemaTransformerContext context) =>
        context.JsonPropertyInfo is { AttributeProvider: PropertyInfo property } && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    private static bool IsGiven(Type type, out Type given)
    {
        var isGiven = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Given<>);
        given = isGiven ? type.GetGenericArguments()[0] : type;
        return isGiven;
    }

    private static JsonNode Parse(string example, OpenApiSchema schema) =>
        schema.Type is { } type && (type & JsonSchemaType.String) != 0 ? JsonValue.Create(example) : JsonNode.Parse(example)!;
}
