using ValidonX.Platform.Keys;

namespace ValidonX.Platform.Routes;

/// <summary>
/// Sorts paths into the groups of CONTRACT §2. The licensing API knows the single routes; here only what decides who may call, what is
/// limited and what may be repeated. The gateway asks with the path of a request, the licensing API, when it starts, with the pattern of
/// each of its endpoints, so that both know every route under the same name.
/// </summary>
public static class RouteTable
{
    private static readonly ApiRoute Public = new(RouteKind.Public, "public");
    private static readonly ApiRoute Login = new(RouteKind.Login, "login");
    private static readonly ApiRoute Tenant = new(RouteKind.Tenant, "tenant");
    private static readonly ApiRoute Account = new(RouteKind.Account, "account");
    private static readonly ApiRoute Password = new(RouteKind.Account, "password") { Limit = LimitedEndpoint.Password };
    private static readonly ApiRoute Operator = new(RouteKind.Operator, "operator");
    private static readonly ApiRoute OtherIntegration = new(RouteKind.Integration, "integration") { Scope = ApiKeyScope.All };
    private static readonly ApiRoute Validate = new(RouteKind.Integration, "validate") { Scope = ApiKeyScope.Licenses, ReadsOnly = true };
    private static readonly ApiRoute Resolve = new(RouteKind.Integration, "resolve") { Scope = ApiKeyScope.Licenses, ReadsOnly = true };

    private static readonly ApiRoute Activate =
        new(RouteKind.Integration, "activate") { Scope = ApiKeyScope.Activations, Limit = LimitedEndpoint.Activations };

    private static readonly ApiRoute ValidateActivation = new(RouteKind.Integration, "validate-activation") { Scope = ApiKeyScope.Activations, ReadsOnly = true };
    private static readonly ApiRoute Usage = new(RouteKind.Integration, "usage") { Scope = ApiKeyScope.Usage, Limit = LimitedEndpoint.Usage };

    private static readonly ApiRoute Entitlements = new(RouteKind.Integration, "entitlements")
    {
        Scope = ApiKeyScope.Entitlements,
        Limit = LimitedEndpoint.Entitlements,
        ReadsOnly = true,
    };

    /// <summary>The group of a path, or <see langword="null"/> when there is no such route.</summary>
    /// <param name="path">
    /// A path as <see cref="RequestTarget.Path"/> has it, or a pattern with a segment in braces for each parameter. It is compared exactly.
    /// </param>
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
            "/auth/login" => SignIn(method),
            "/auth/logout" or "/auth/me" => Operator,
            "/openapi/v1.json" or "/docs" => Public,
            _ when path.StartsWith("/docs/", StringComparison.Ordinal) => Public,
            _ => null,
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
            "account" when rest is "password" => Password,
            "account" or "onboarding" => Account,
            "admin" => Operator,
            "auth" => Authentication(rest, method),
            _ => null,
        };

    private static ApiRoute Authentication(ReadOnlySpan<char> rest, string method) =>
        rest switch
        {
            "login" => SignIn(method),
            "logout" or "email/resend" => Account,
            _ => Public,
        };

    private static ApiRoute SignIn(string method) => method == "POST" ? Login : Public;

    private static ApiRoute Integration(ReadOnlySpan<char> rest) =>
        rest switch
        {
            "activations" => Activate,
            "usage/record" => Usage,
            "entitlements/check" => Entitlements,
            "licensing/resolve" => Resolve,
            _ when IsOneBelow(rest, "licenses/", "/validate") => Validate,
            _ when IsOneBelow(rest, "activations/", "/validate") => ValidateActivation,
            _ => OtherIntegration,
        };

    /// <summary>Whether exactly one segment stands between the two.</summary>
    private static bool IsOneBelow(ReadOnlySpan<char> path, string start, string end) =>
        path.Length > start.Length + end.Length
        && path.StartsWith(start, StringComparison.Ordinal)
        && path.EndsWith(end, StringComparison.Ordinal)
        && !path[start.Length..^end.Length].Contains('/');
}
