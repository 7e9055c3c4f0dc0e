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

    private static readonly (string Name, string Description)[] RateLimitHeaders =
    [
        ("X-RateLimit-Limit", "The quota of the policy nearest to its end."),
        ("X-RateLimit-Remaining", "What is left of it."),
        ("X-RateLimit-Reset", "When its window ends, Unix seconds."),
    ];

    /// <summary>Puts the shared parameters into the document.</summary>
    public static void AddTo(OpenApiDocument document)
    {
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
        document.AddComponent(RequestId, (IOpenApiParameter)new OpenApiParameter
        {
            Name = RequestId,
            In = ParameterLocation.Header,
            Description = "The caller's own id for the request, given back in the answer.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[!-~]+$" },
        });
    }

    /// <summary>The headers that every answer has, and those that answers to an API key have.</summary>
    public static Dictionary<string, IOpenApiHeader> AnswerHeaders(CallerRequirement? requirement)
    {
        var headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
        {
            [RequestId] = Header("The request's id.", JsonSchemaType.String),
            ["X-ValidonX-API-Version"] = Header("The version of the API.", JsonSchemaType.String),
        };
        if (requirement is { Kind: CallerKind.ApiKey })
        {
            foreach (var (name, description) in RateLimitHeaders)
            {
                headers[name] = Header(description, JsonSchemaType.Integer);
            }

            headers["RateLimit"] = Header("What is left of each policy (draft-ietf-httpapi-ratelimit-headers).", JsonSchemaType.String);
            headers["RateLimit-Policy"] = Header("Every policy with its quota and window.", JsonSchemaType.String);
        }

        return headers;
    }

    private static OpenApiHeader Header(string description, JsonSchemaType type) => new() { Description = description, Schema = new OpenApiSchema { Type = type } };
}
