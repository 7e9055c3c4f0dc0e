using Microsoft.OpenApi;
using ValidonX.LicensingApi.Callers;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>The headers that many operations take or give.</summary>
internal static class ParameterRules
{
    public const string TenantId = "X-Tenant-ID";
    public const string IdempotencyKey = "Idempotency-Key";
    public const string RequestId = "X-Request-ID";

    public const string RetryAfter = "Retry-After";
    public const string Location = "Location";
    public const string Replayed = "Idempotency-Replayed";
    public const string ETag = "ETag";
    public const string IfMatch = "If-Match";
    public const string IfNoneMatch = "If-None-Match";

    /// <summary>The name, within the document, of an <c>If-Match</c> that may be left out.</summary>
    public const string MayMatch = "If-Match-Optional";

    private static readonly string[] Always = [RequestId, "X-ValidonX-API-Version"];
    private static readonly string[] RateLimits = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy"];

    private static readonly (string Name, string Description, JsonSchemaType Type)[] Headers =
    [
        (RequestId, "The request's id.", JsonSchemaType.String),
        ("X-ValidonX-API-Version", "The version of the API.", JsonSchemaType.String),
        ("X-RateLimit-Limit", "The quota of the policy nearest to its end.", JsonSchemaType.Integer),
        ("X-RateLimit-Remaining", "What is left of it.", JsonSchemaType.Integer),
        ("X-RateLimit-Reset", "When its window ends, Unix seconds.", JsonSchemaType.Integer),
        ("RateLimit", "What is left of each policy (draft-ietf-httpapi-ratelimit-headers).", JsonSchemaType.String),
        ("RateLimit-Policy", "Every policy with its quota and window.", JsonSchemaType.String),
        (RetryAfter, "Seconds after which trying again makes sense.", JsonSchemaType.Integer),
        (Location, "Where to see how it goes on.", JsonSchemaType.String),
        (Replayed, "`true` when this is the stored answer to the first request with this `Idempotency-Key`.", JsonSchemaType.String),
        (ETag, "Names this state of what is answered, for `If-Match` and `If-None-Match`.", JsonSchemaType.String),
    ];

    /// <summary>Puts the shared parameters into the document.</summary>
    public static void AddTo(OpenApiDocument document)
    {
        foreach (var (name, description, type) in Headers)
        {
            document.AddComponent(name, (IOpenApiHeader)new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = type } });
        }

        document.AddComponent(TenantId, (IOpenApiParameter)new OpenApiParameter
        {
            Name = TenantId,
            In = ParameterLocation.Header,
            Description = "Which of the user's tenants is meant; needed only by users of several.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        });
        document.AddComponent(IdempotencyKey, (IOpenApiParameter)new OpenApiParameter
        {
            Name = IdempotencyKey,
            In = ParameterLocation.Header,
            Description = "Makes repeating the request safe: for 24 h the first answer is given again. `X-Idempotency-Key` is an alias.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
        });
        document.AddComponent(
            IfMatch, (IOpenApiParameter)Condition(IfMatch, isRequired: true, "The `ETag` of what the caller has seen and is about to change; `*` is whatever is there."));
        document.AddComponent(
            MayMatch, (IOpenApiParameter)Condition(IfMatch, isRequired: false, "The `ETag` of what the caller has seen and is about to change; without it, or with `*`, it is whatever is there."));
        document.AddComponent(
            IfNoneMatch, (IOpenApiParameter)Condition(IfNoneMatch, isRequired: false, "The `ETag` of what the caller has; when it is still so, the answer is 304."));
        document.AddComponent(RequestId, (IOpenApiParameter)new OpenApiParameter
        {
            Name = RequestId,
            In = ParameterLocation.Header,
            Description = "The caller's own id for the request, given back in the answer.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[!-~]+$" },
        });
    }

    private static OpenApiParameter Condition(string name, bool isRequired, string description) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Header,
            Required = isRequired,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 },
            Example = "*",
        };

    /// <summary>The headers that every answer has, and those that answers to an API key have.</summary>
    public static Dictionary<string, IOpenApiHeader> AnswerHeaders(CallerRequirement? requirement, OpenApiDocument document) =>
        (requirement is { Kind: CallerKind.ApiKey } ? Always.Concat(RateLimits) : Always).ToDictionary(
            header => header, header => Header(header, document), StringComparer.Ordinal);

    /// <summary>A shared header of answers.</summary>
    public static IOpenApiHeader Header(string name, OpenApiDocument document) => new OpenApiHeaderReference(name, document);
}
