using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Customers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>How an operation can refuse: by who calls it, by what it takes, and by what it does.</summary>
internal static class Refusals
{
    /// <summary>All refusals of an operation.</summary>
    public static IEnumerable<ApiError> Of(Operation declared, IList<object> metadata, CallerRequirement? requirement, IEnumerable<IOpenApiParameter> parameters) =>
        [.. OfCaller(requirement), .. metadata.OfType<TakesCustomerToken>().Any() ? [CustomerSessions.Unknown] : Array.Empty<ApiError>(), .. OfInput(metadata, parameters), .. declared.Errors, ApiErrors.RateLimitExceeded, ApiErrors.ServerError, ApiErrors.Unavailable, ApiErrors.BadGateway, ApiErrors.GatewayTimeout];

    private static IEnumerable<ApiError> OfCaller(CallerRequirement? requirement) =>
        requirement?.Kind switch
        {
            CallerKind.ApiKey => [ApiErrors.InvalidApiKey, ApiErrors.Forbidden, ApiErrors.ScopeInsufficient, ApiErrors.TenantSuspended, ApiErrors.TenantInvalidState],
            CallerKind.Customer => [ApiErrors.TenantNotFound, ApiErrors.TenantSuspended, ApiErrors.TenantInvalidState],
            CallerKind.Operator => [ApiErrors.TokenRequired, ApiErrors.Unauthenticated, ApiErrors.InvalidScope],
            CallerKind.User =>
            [
                ApiErrors.TokenRequired, ApiErrors.Unauthenticated, ApiErrors.InvalidScope, ApiErrors.TenantNotFound, ApiErrors.ValidationFailed("X-Tenant-ID", "The user is in several tenants; name one."),
                .. requirement.IsOfTenant ? [ApiErrors.TenantSuspended, ApiErrors.TenantInvalidState] : Array.Empty<ApiError>(),
                .. requirement.Role > TenantRole.Viewer ? [ApiErrors.InsufficientPermissions] : Array.Empty<ApiError>(),
            ],
            _ => [],
        };

    private static IEnumerable<ApiError> OfInput(IList<object> metadata, IEnumerable<IOpenApiParameter> parameters)
    {
        var hasBody = metadata.OfType<IAcceptsMetadata>().Any();
        if (hasBody)
        {
            yield return ApiErrors.Malformed("The body is not valid JSON.");
            yield return ApiErrors.BodyTooSlow;
            yield return ApiErrors.RequestTooLarge;
            yield return ApiErrors.UnsupportedMediaType;
        }
        else
        {
            yield return ApiErrors.Malformed("The request cannot be read.");
        }

        if (hasBody || metadata.OfType<QueryOf>().Any())
        {
            yield return ApiErrors.ValidationFailed("name", "Is required.");
        }

        if (metadata.OfType<TagsItsAnswer>().LastOrDefault() is { IsConditional: true } tags)
        {
            yield return ApiErrors.PreconditionFailed;
            if (!tags.MayBeLeftOut)
            {
                yield return ApiErrors.PreconditionRequired;
            }
        }

        if (parameters.OfType<OpenApiParameterReference>().Any(parameter => parameter.Reference.Id == ParameterRules.IdempotencyKey))
        {
            yield return ApiErrors.IdempotencyInProgress;
            yield return ApiErrors.IdempotencyKeyReused;
        }
    }
}
