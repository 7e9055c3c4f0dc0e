using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Customers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Plans;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>Makes an endpoint's metadata an operation of the document: parameters, security, answers with their headers, every refusal with its code.</summary>
internal sealed class OperationRules : IOpenApiOperationTransformer
{
    /// <summary>Stands beside others where the handler itself refuses what it does not take, after the caller is known; it is not told.</summary>
    public const string AnyMediaType = "*/*";

    /// <inheritdoc/>
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var declared = metadata.OfType<Operation>().LastOrDefault()
            ?? throw new InvalidOperationException($"{context.Description.HttpMethod} {context.Description.RelativePath} is not declared by Is(…).");
        var document = context.Document!;
        var requirement = metadata.OfType<CallerRequirement>().LastOrDefault();
        operation.OperationId = declared.Id;
        operation.Summary = declared.Summary;
        operation.Description = Description(declared, requirement);
        operation.Parameters = [.. PathParameters(context, metadata), .. await QueryParametersAsync(context, metadata, cancellationToken), .. HeaderParameters(context, metadata, requirement)];
        operation.Security = Security(requirement, metadata, document);
        if (operation.RequestBody is OpenApiRequestBody body && metadata.OfType<IAcceptsMetadata>().LastOrDefault() is { IsOptional: true })
        {
            body.Required = false;
        }

        if (operation.RequestBody?.Content is { Count: > 1 } contents)
        {
            contents.Remove(AnyMediaType);
        }

        var errors = Refusals.Of(declared, metadata, requirement, operation.Parameters).ToLookup(error => error.Status);
        operation.Responses!.Remove("500");
        foreach (var (status, response) in operation.Responses)
        {
            Complete((OpenApiResponse)response, declared.Answers.First(answer => Text(answer.Status) == status), metadata, requirement, document);
        }

        if (metadata.OfType<TagsItsAnswer>().LastOrDefault() is { IsConditional: false })
        {
            operation.Responses[Text(StatusCodes.Status304NotModified)] = new OpenApiResponse
            {
                Description = "It is as the caller has it.",
                Headers = ParameterRules.AnswerHeaders(requirement, document),
            };
        }

        foreach (var ofStatus in errors.OrderBy(group => group.Key))
        {
            operation.Responses[Text(ofStatus.Key)] = Refusal([.. ofStatus.DistinctBy(error => (error.Code, error.Message))], document, requirement);
        }
    }

    private static string Description(Operation declared, CallerRequirement? requirement)
    {
        var who = requirement switch
        {
            null => "Anyone may call it.",
            { Kind: CallerKind.ApiKey } => "Called with an API key.",
            { Kind: CallerKind.Operator } => "Called by operators.",
            { Kind: CallerKind.Customer } => "Called by the customers of the tenant that `Host` names: by its subdomain, or by a verified domain.",
            { Role: { } role } => $"Called by the tenant's users from the role `{role.ToString().ToLowerInvariant()}` on.",
            _ => "Called by users, about their own account.",
        };
        return declared.Description is null ? who : $"{declared.Description}\n\n{who}";
    }

    private static IEnumerable<IOpenApiParameter> PathParameters(OpenApiOperationTransformerContext context, IList<object> metadata)
    {
        var ids = metadata.OfType<MethodInfo>().SelectMany(method => method.GetParameters()).Where(parameter => parameter.ParameterType == typeof(PathId)).Select(parameter => parameter.Name).ToHashSet();
        foreach (var segment in context.Description.RelativePath!.Split('/').Where(segment => segment.StartsWith('{')))
        {
            var name = segment.Trim('{', '}');
            var isId = ids.Contains(name) || name == "id";
            var (description, schema, example) =
                isId ? ("The id of what is meant.", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }, Samples.Id)
                : name == "code" && context.Description.RelativePath!.Contains("plans/", StringComparison.Ordinal) ? ("The plan's code.", PlanCode(), "pro")
                : name == "code" ? ("The rule's code.", new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 64, Pattern = "^[a-z0-9-]+$" }, "gdpr")
                : name == "name" ? ("The server's name.", new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 64 }, "eu-1")
                : name == "key" ? ("The flag's key.", new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 100, Pattern = "^[a-z0-9][a-z0-9._-]*$" }, "reports.beta")
                : ("The license key, percent-encoded once.", new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128 }, "ACME-2026-000042");
            yield return new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Description = description, Schema = schema, Example = example };
        }
    }

    private static OpenApiSchema PlanCode()
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String };
        new PlanCodeAttribute().Describe(schema);
        return schema;
    }

    private static async Task<IEnumerable<IOpenApiParameter>> QueryParametersAsync(
        OpenApiOperationTransformerContext context, IList<object> metadata, CancellationToken cancellationToken)
    {
        if (metadata.OfType<QueryOf>().LastOrDefault() is not { } query)
        {
            return [];
        }

        var schema = await context.GetOrCreateSchemaAsync(query.Type, null, cancellationToken);
        return schema.Properties!.Select(property => new OpenApiParameter
        {
            Name = property.Key,
            In = ParameterLocation.Query,
            Required = schema.Required?.Contains(property.Key) == true,
            Description = property.Value.Description,
            Schema = NotNull(property.Value),
        });
    }

    /// <summary>A query has no null.</summary>
    private static IOpenApiSchema NotNull(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema own)
        {
            own.Type &= ~JsonSchemaType.Null;
            own.Description = null;
            own.Enum?.Remove(null!);
        }

        return schema;
    }

    private static IEnumerable<IOpenApiParameter> HeaderParameters(OpenApiOperationTransformerContext context, IList<object> metadata, CallerRequirement? requirement)
    {
        if (requirement is { Kind: CallerKind.User })
        {
            yield return new OpenApiParameterReference(ParameterRules.TenantId, context.Document);
        }

        if (MindsIdempotencyKey(context.Description.HttpMethod!, metadata))
        {
            yield return new OpenApiParameterReference(ParameterRules.IdempotencyKey, context.Document);
        }

        if (metadata.OfType<TagsItsAnswer>().LastOrDefault() is { } tags)
        {
            yield return new OpenApiParameterReference(
                !tags.IsConditional ? ParameterRules.IfNoneMatch : tags.MayBeLeftOut ? ParameterRules.MayMatch : ParameterRules.IfMatch, context.Document);
        }

        yield return new OpenApiParameterReference(ParameterRules.RequestId, context.Document);
    }

    /// <summary>Whether an endpoint heeds an <c>Idempotency-Key</c>.</summary>
    public static bool MindsIdempotencyKey(string method, IList<object> metadata) =>
        metadata.OfType<IdempotencyHeader>().Any()
        || (!HttpMethods.IsGet(method) && metadata.OfType<AcceptsIdempotencyKey>().LastOrDefault() is { IsAccepted: true });

    private static List<OpenApiSecurityRequirement> Security(CallerRequirement? requirement, IList<object> metadata, OpenApiDocument document)
    {
        var scheme = requirement?.Kind switch
        {
            null => null,
            CallerKind.ApiKey => DocumentRules.ApiKey,
            CallerKind.Customer => metadata.OfType<TakesCustomerToken>().Any() ? DocumentRules.CustomerToken : null,
            _ => DocumentRules.Bearer,
        };
        return scheme is null ? [] : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] }];
    }

    private static void Complete(OpenApiResponse response, Answers answer, IList<object> metadata, CallerRequirement? requirement, OpenApiDocument document)
    {
        response.Description = answer.Status switch
        {
            StatusCodes.Status201Created => "Made.",
            StatusCodes.Status202Accepted => "Accepted.",
            StatusCodes.Status204NoContent => "Done; no content.",
            _ => "Success.",
        };
        response.Headers = ParameterRules.AnswerHeaders(requirement, document);
        if (answer.HasLocation)
        {
            response.Headers[ParameterRules.Location] = ParameterRules.Header(ParameterRules.Location, document);
        }

        if (metadata.OfType<AcceptsIdempotencyKey>().LastOrDefault() is { IsAccepted: true } || metadata.OfType<IdempotencyHeader>().Any())
        {
            response.Headers[ParameterRules.Replayed] = ParameterRules.Header(ParameterRules.Replayed, document);
        }

        if (metadata.OfType<TagsItsAnswer>().Any())
        {
            response.Headers[ParameterRules.ETag] = ParameterRules.Header(ParameterRules.ETag, document);
        }

        foreach (var content in response.Content?.Values ?? [])
        {
            MakeEnvelope((OpenApiSchema)content.Schema!);
        }

        if (answer.MediaType is { } mediaType)
        {
            response.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [mediaType] = new() { Schema = new OpenApiSchema { Type = mediaType == "application/json" ? JsonSchemaType.Object : JsonSchemaType.String } },
            };
        }
    }

    /// <summary>What many operations refuse in the same way is written once.</summary>
    private static IOpenApiResponse Refusal(IReadOnlyList<ApiError> errors, OpenApiDocument document, CallerRequirement? requirement)
    {
        var written = Write(errors, document, requirement);
        if (written.Content!.Values.Single().Examples!.Values.Any(example => example is not OpenApiExampleReference))
        {
            return written;
        }

        var name = $"{string.Join('-', errors.Select(error => error.Code).Distinct(StringComparer.Ordinal))}-{errors[0].Status}{(requirement is { Kind: CallerKind.ApiKey } ? "-key" : "")}";
        document.AddComponent(name, (IOpenApiResponse)written);
        return new OpenApiResponseReference(name, document);
    }

    private static OpenApiResponse Write(IReadOnlyList<ApiError> errors, OpenApiDocument document, CallerRequirement? requirement)
    {
        var headers = ParameterRules.AnswerHeaders(requirement, document);
        if (errors.Any(error => error.RetryAfterSeconds is not null || error.Status == StatusCodes.Status429TooManyRequests))
        {
            headers[ParameterRules.RetryAfter] = ParameterRules.Header(ParameterRules.RetryAfter, document);
        }

        return new OpenApiResponse
        {
            Description = string.Join("\n\n", errors.Select(error => $"`{error.Code}`: {error.Message}")),
            Headers = headers,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchemaReference(nameof(ErrorAnswer), document),
                    Examples = errors.DistinctBy(error => error.Code).ToDictionary(error => error.Code, error => Example(error, document), StringComparer.Ordinal),
                },
            },
        };
    }

    /// <summary>A refusal that many operations share is written once.</summary>
    private static IOpenApiExample Example(ApiError error, OpenApiDocument document)
    {
        var example = new OpenApiExample { Summary = error.Message, Value = Samples.Of(error) };
        document.Components ??= new OpenApiComponents();
        document.Components.Examples ??= new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal);
        if (document.Components.Examples.TryGetValue(error.Code, out var known))
        {
            return known.Summary == error.Message ? new OpenApiExampleReference(error.Code, document) : example;
        }

        document.AddComponent(error.Code, (IOpenApiExample)example);
        return new OpenApiExampleReference(error.Code, document);
    }

    /// <summary>The data of an answer is never null, which the type of an envelope for any data cannot say.</summary>
    private static void MakeEnvelope(OpenApiSchema envelope)
    {
        envelope.Description = null;
        if (envelope.Properties?.TryGetValue("data", out var data) == true && data.OneOf is { Count: 2 } choices)
        {
            envelope.Properties["data"] = choices.Single(choice => choice is OpenApiSchemaReference);
        }
    }

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
