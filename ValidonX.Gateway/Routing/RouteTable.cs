using ValidonX.Platform.Keys;

namespace ValidonX.Gateway.Routing;

/// <summary>
/// Sorts paths into the groups of CONTRACT §2. The licensing API knows the single routes; here only what decides who may call, what is
/// limited and what may be repeated. Paths are compared exactly as the contract writes them.
/// </summary>
internal static class RouteTable
{
    private const string Alias = "/api";

    private static readonly ApiRoute Public = new(RouteKind.Public);
    private static readonly ApiRoute Login = new(RouteKind.Login);
    private static readonly ApiRoute Tenant = new(RouteKind.Tenant);
    private static readonly ApiRoute Account = new(RouteKind.Account);
    private static readonly ApiRoute Operator = new(RouteKind.Operator);
    private static readonly ApiRoute OtherIntegration = new(RouteKind.Integration) { Scope = ApiKeyScope.All };
    private static readonly ApiRoute Validate = new(RouteKind.Integration) { Scope = ApiKeyScope.Licenses, ReadsOnly = true };
    private static readonly ApiRoute Activate = new(RouteKind.Integration) { Scope = ApiKeyScope.Activations, Limit = LimitedEndpoint.Activations };
    private static readonly ApiRoute ValidateActivation = new(RouteKind.Integration) { Scope = ApiKeyScope.Activations, ReadsOnly = true };
    private static readonly ApiRoute Usage = new(RouteKind.Integration) { Scope = ApiKeyScope.Usage, Limit = LimitedEndpoint.Usage };

    private static readonly ApiRoute Entitlements = new(RouteKind.Integration)
    {
        Scope = ApiKeyScope.Entitlements,
        Limit = LimitedEndpoint.Entitlements,
        ReadsOnly = true,
    };

    /// <summary>Characters of <c>/api</c> when the path is under the alias <c>/api/v1</c>, else 0.</summary>
    public static int AliasLength(ReadOnlySpan<char> path) => path.StartsWith("/api/v1/", StringComparison.Ordinal) ? Alias.Length : 0;

    /// <summary>The group of a path, or <see langword="null"/> when there is no such route.</summary>
    /// <param name="path">The decoded path, without the alias.</param>
    /// <param name="method">The request's method.</param>
    public static ApiRoute? Find(ReadOnlySpan<char> path, string method)
    {
        if (path.StartsWith("/v1/", StringComparison.Ordinal))
        {
            var rest = path[4..];
            var slash = rest.IndexOf('/');
            return slash < 0 ? Single(rest) : Nested(rest[..slash], rest[(slash + 1)..], method);
        }

        return path switch
        {
            "/auth/login" => HttpMethods.IsPost(method) ? Login : Public,
            "/auth/logout" or "/auth/me" => Operator,
            "/openapi/v1.json" or "/.well-known/jwks.json" or "/docs" => Public,
            _ => path.StartsWith("/docs/", StringComparison.Ordinal) ? Public : null,
        };
    }

    private static ApiRoute? Single(ReadOnlySpan<char> name) =>
        name switch
        {
            "plans" => Public,
            "account" => Account,
            _ => null,
        };

    private static ApiRoute? Nested(ReadOnlySpan<char> group, ReadOnlySpan<char> rest, string method) =>
        group switch
        {
            "integration" => Integration(rest),
            "tenant" or "billing" => Tenant,
            "account" or "onboarding" => Account,
            "admin" => Operator,
            "auth" => Authentication(rest, method),
            "plans" => Public,
            _ => null,
        };

    private static ApiRoute Authentication(ReadOnlySpan<char> rest, string method) =>
        rest switch
        {
            "login" => HttpMethods.IsPost(method) ? Login : Public,
            "logout" or "email/resend" => Account,
            _ => Public,
        };

    private static ApiRoute Integration(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("licenses/", StringComparison.Ordinal))
        {
            return rest.EndsWith("/validate", StringComparison.Ordinal) ? Validate : OtherIntegration;
        }

        if (rest.StartsWith("activations/", StringComparison.Ordinal))
        {
            return rest.EndsWith("/validate", StringComparison.Ordinal) ? ValidateActivation : OtherIntegration;
        }

        return rest switch
        {
            "activations" => Activate,
            "usage/record" => Usage,
            "entitlements/check" => Entitlements,
            "licensing/resolve" => Validate,
            _ => OtherIntegration,
        };
    }
}
