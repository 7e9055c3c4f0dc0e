using System.Text.Json.Nodes;
using Json.Schema;

namespace ValidonX.Tests.EndToEnd.Fuzzing;

/// <summary>The API as its own document describes it, read through a gateway.</summary>
internal sealed class ApiDescription
{
    private readonly JsonNode _document;
    private readonly Dictionary<(string Operation, int Status), JsonSchema?> _schemas = [];

    private ApiDescription(JsonNode document)
    {
        _document = document;
        Operations = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => new ApiOperation(operation.Key.ToUpperInvariant(), path.Key, WithResponses(operation.Value!))))];
    }

    /// <summary>All operations.</summary>
    public IReadOnlyList<ApiOperation> Operations { get; }

    /// <summary>Asks a gateway for it.</summary>
    public static async Task<ApiDescription> ReadAsync(HttpClient gateway) =>
        new(JsonNode.Parse(await gateway.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!);

    /// <summary>What is wrong with an answer by its schema; <see langword="null"/> when nothing is.</summary>
    public string? Violation(ApiOperation operation, int status, string body)
    {
        if (!operation.Answers(status))
        {
            return $"the status {status} is not documented";
        }

        if (Schema(operation, status) is not { } schema)
        {
            return null;
        }

        var result = schema.Evaluate(JsonNode.Parse(body), new EvaluationOptions { OutputFormat = OutputFormat.List, RequireFormatValidation = true });
        return result.IsValid
            ? null
            : string.Join("; ", result.Details.Where(detail => detail.HasErrors).SelectMany(detail => detail.Errors!.Values.Select(error => $"{detail.InstanceLocation}: {error}")));
    }

    /// <summary>A schema with the ones that it refers to replaced by themselves.</summary>
    public JsonNode Resolve(JsonNode schema) =>
        (string?)schema["$ref"] is { } reference
            ? Resolve(_document["components"]!["schemas"]![reference.Split('/')[^1]]!)
            : schema["oneOf"] is JsonArray choices && choices.FirstOrDefault(choice => (string?)choice!["type"] != "null") is { } choice && choices.Count == 2 ? Resolve(choice) : schema;

    /// <summary>An operation with the shared answers in the place of what refers to them.</summary>
    private JsonNode WithResponses(JsonNode operation)
    {
        var responses = operation["responses"]!.AsObject();
        foreach (var (status, response) in responses.ToList())
        {
            if ((string?)response!["$ref"] is { } shared)
            {
                responses[status] = _document["components"]!["responses"]![shared.Split('/')[^1]]!.DeepClone();
            }
        }

        return operation;
    }

    private JsonSchema? Schema(ApiOperation operation, int status)
    {
        lock (_schemas)
        {
            if (!_schemas.TryGetValue((operation.Id, status), out var schema))
            {
                _schemas[(operation.Id, status)] = schema = operation.Schema(status) is { } node ? JsonSchema.FromText(WithDefinitions(node)) : null;
            }

            return schema;
        }
    }

    private string WithDefinitions(JsonNode schema)
    {
        var whole = schema.DeepClone().AsObject();
        whole["$defs"] = _document["components"]!["schemas"]!.DeepClone();
        return whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
    }
}

/// <summary>One operation of the document.</summary>
internal sealed class ApiOperation(string method, string path, JsonNode node)
{
    public string Method { get; } = method;

    /// <summary>Its path with a name in braces for each parameter.</summary>
    public string Path { get; } = path;

    /// <summary>Its name.</summary>
    public string Id { get; } = (string)node["operationId"]!;

    /// <summary>Who calls it: <c>apiKey</c>, <c>bearer</c> or, for anyone, <see langword="null"/>.</summary>
    public string? Security { get; } = node["security"] is JsonArray { Count: > 0 } schemes ? schemes[0]!.AsObject().Single().Key : null;

    /// <summary>An example of its body, if it takes one.</summary>
    public JsonNode? Example { get; } = node["requestBody"]?["content"]?["application/json"]?["example"];

    /// <summary>The schema of its body.</summary>
    public JsonNode? Body { get; } = node["requestBody"]?["content"]?["application/json"]?["schema"];

    /// <summary>Its query parameters with their schemas.</summary>
    public IReadOnlyList<(string Name, JsonNode Schema)> Query { get; } =
        [.. (node["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => ((string)parameter!["name"]!, parameter["schema"]!))];

    /// <summary>Whether it heeds an <c>Idempotency-Key</c>.</summary>
    public bool IsIdempotent { get; } = node.ToJsonString().Contains("#/components/parameters/Idempotency-Key", StringComparison.Ordinal);

    /// <summary>Whether operators call it.</summary>
    public bool IsOperators => Path.StartsWith("/v1/admin/", StringComparison.Ordinal) || Path.StartsWith("/auth/", StringComparison.Ordinal);

    /// <summary>Whether it is documented to answer so.</summary>
    public bool Answers(int status) => node["responses"]![status.ToString(System.Globalization.CultureInfo.InvariantCulture)] is not null;

    /// <summary>The schema of an answer, if it has a body.</summary>
    public JsonNode? Schema(int status) =>
        node["responses"]![status.ToString(System.Globalization.CultureInfo.InvariantCulture)]?["content"]?["application/json"]?["schema"];

    public override string ToString() => $"{Method} {Path}";
}
