using ValidonX.Platform.Keys;

namespace ValidonX.Platform.Routes;

/// <summary>
/// Sorts paths into the groups of CONTRACT §2. The licensing API knows the single routes; here only what decides who may call, what is
/// limited and what may be repeated. The gateway asks with the path of a request, the licensing API, when it starts, with the pattern of
/// each of its endpoints, so that both know every route under the same name.
/// </summary>
public static class RouteTable
{
    /// <summary>The largest event that Stripe may send.</summary>
    public const int MaximumStripeEventBytes = 256 * 1024;

    /// <summary>The largest import of licenses.</summary>
    public const int MaximumImportBytes = 64 * 1024 * 1024;

    private static readonly ApiRoute Public = new(RouteKind.Public, "public");
    private static readonly ApiRoute StripeEvents = new(RouteKind.Public, "stripe-events") { MaximumAnonymousBytes = MaximumStripeEventBytes };
    private static readonly ApiRoute Login = new(RouteKind.Login, "login") { Attempt = SignInAttempt.Password };
    private static readonly ApiRoute Register = new(RouteKind.Login, "register") { Attempt = SignInAttempt.Mail };
    private static readonly ApiRoute ResendVerification = new(RouteKind.Login, "resend-verification") { Attempt = SignInAttempt.Mail };
    private static readonly ApiRoute ForgotPassword = new(RouteKind.Login, "forgot-password") { Attempt = SignInAttempt.Mail };
    private static readonly ApiRoute ForgotOperatorPassword = new(RouteKind.Login, "forgot-operator-password") { Attempt = SignInAttempt.Mail };
    private static readonly ApiRoute MailedToken = new(RouteKind.Login, "mailed-token") { Attempt = SignInAttempt.MailedToken };
    private static readonly ApiRoute Assertion = new(RouteKind.Login, "assertion") { Attempt = SignInAttempt.Assertion };
    private static readonly ApiRoute Tenant = new(RouteKind.Tenant, "tenant");
    private static readonly ApiRoute Import = new(RouteKind.Tenant, "import") { MaximumBytes = MaximumImportBytes };
    private static readonly ApiRoute Account = new(RouteKind.Account, "account");
    private static readonly ApiRoute Password = new(RouteKind.Account, "password") { Limit = LimitedEndpoint.Password };
    private static readonly ApiRoute OperatorPassword = new(RouteKind.Operator, "operator-password") { Limit = LimitedEndpoint.Password };
    private static readonly ApiRoute SecondFactor = new(RouteKind.Account, "second-factor") { Limit = LimitedEndpoint.SecondFactor };
    private static readonly ApiRoute OperatorSecondFactor = new(RouteKind.Operator, "operator-second-factor") { Limit = LimitedEndpoint.SecondFactor };
    private static readonly ApiRoute Watch = new(RouteKind.Account, "watch") { IsWatch = true };
    private static readonly ApiRoute OperatorWatch = new(RouteKind.Operator, "operator-watch") { IsWatch = true };
    private static readonly ApiRoute Operator = new(RouteKind.Operator, "operator");
    private static readonly ApiRoute Customer = new(RouteKind.Customer, "customer");
    private static readonly ApiRoute CustomerMail = new(RouteKind.Customer, "customer-mail") { Attempt = SignInAttempt.CustomerMail };
    private static readonly ApiRoute CustomerCode = new(RouteKind.Customer, "customer-code") { Attempt = SignInAttempt.CustomerCode };
    private static readonly ApiRoute OtherIntegration = new(RouteKind.Integration, "integration") { Scope = ApiKeyScope.All };
    private static readonly ApiRoute Validate = new(RouteKind.Integration, "validate") { Scope = ApiKeyScope.Licenses, ReadsOnly = true };
    private static readonly ApiRoute Resolve = new(RouteKind.Integration, "resolve") { Scope = ApiKeyScope.Resolve, ReadsOnly = true };

    private static readonly ApiRoute Activate =
        new(RouteKind.Integration, "activate") { Scope = ApiKeyScope.Activations, Limit = LimitedEndpoint.Activations };

    private static readonly ApiRoute ValidateActivation = new(RouteKind.Integration, "validate-activation") { Scope = ApiKeyScope.Activations, ReadsOnly = true };
    private static readonly ApiRoute Heartbeat = new(RouteKind.Integration, "heartbeat") { Scope = ApiKeyScope.Activations, Limit = LimitedEndpoint.Heartbeats };
    private static readonly ApiRoute Release = new(RouteKind.Integration, "release") { Scope = ApiKeyScope.Activations, Limit = LimitedEndpoint.Heartbeats };
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
            return slash < 0 ? Single(rest, method) : Nested(rest[..slash], rest[(slash + 1)..], method);
        }

        return path switch
        {
            "/auth/login" => SignIn(Login, method),
            "/auth/logout" or "/auth/me" => Operator,
            "/auth/password" => OperatorPassword,
            "/auth/forgot-password" => SignIn(ForgotOperatorPassword, method),
            "/auth/reset-password" or "/auth/invitations/accept" => SignIn(MailedToken, method),
            "/auth/passkey/login" => SignIn(Assertion, method),
            "/auth/passkey/options" => Public,
            _ when path.StartsWith("/auth/passkeys", StringComparison.Ordinal) && IsPasskeys(path[6..]) => TakesPassword(path[6..], method) ? OperatorPassword : Operator,
            "/auth/two-factor" when method == "POST" => OperatorPassword,
            _ when path.StartsWith("/auth/", StringComparison.Ordinal) && IsSecondFactor(path[6..]) => OperatorSecondFactor,
            "/openapi/v1.json" or "/docs" or "/.well-known/jwks.json" or "/.well-known/revocations" => Public,
            _ when path.StartsWith("/docs/", StringComparison.Ordinal) => Public,
            _ => null,
        };
    }

    private static ApiRoute? Single(ReadOnlySpan<char> name, string method) =>
        name switch
        {
            "plans" => Public,
            "account" => method == "DELETE" ? Password : Account,
            _ => null,
        };

    private static ApiRoute? Nested(ReadOnlySpan<char> group, ReadOnlySpan<char> rest, string method) =>
        group switch
        {
            "integration" => Integration(rest),
            "billing" when rest is "stripe/events" && method == "POST" => StripeEvents,
            "tenant" when rest is "licenses/import" && method == "POST" => Import,
            "tenant" or "billing" => Tenant,
            "account" when rest is "password" or "email" || (IsPasskeys(rest) && TakesPassword(rest, method)) => Password,
            // To begin one takes the current password as a rule, which could be guessed here.
            "account" when rest is "two-factor" && method == "POST" => Password,
            "account" when IsSecondFactor(rest) => SecondFactor,
            "onboarding" when IsOneBelow(rest, "provision/", "/events") => Watch,
            "account" or "onboarding" => Account,
            "admin" when IsOneBelow(rest, "tenants/", "/events") => OperatorWatch,
            "admin" => Operator,
            "auth" => Authentication(rest, method),
            "customer" when rest is "codes" && method == "POST" => CustomerMail,
            "customer" when rest is "sessions" && method == "POST" => CustomerCode,
            "customer" => Customer,
            _ => null,
        };

    private static ApiRoute Authentication(ReadOnlySpan<char> rest, string method) =>
        rest switch
        {
            "login" => SignIn(Login, method),
            "register" => SignIn(Register, method),
            "email/resend" => SignIn(ResendVerification, method),
            "forgot-password" => SignIn(ForgotPassword, method),
            "email/verify" or "email/change" or "reset-password" or "invitations/accept" => SignIn(MailedToken, method),
            "sso/complete" or "passkey/login" => SignIn(Assertion, method),
            "logout" => Account,
            _ => Public,
        };

    private static ApiRoute SignIn(ApiRoute attempt, string method) => method == "POST" ? attempt : Public;

    private static ApiRoute Integration(ReadOnlySpan<char> rest) =>
        rest switch
        {
            "activations" => Activate,
            "usage/record" or "usage/batch" => Usage,
            "entitlements/check" => Entitlements,
            "licensing/resolve" => Resolve,
            _ when IsOneBelow(rest, "licenses/", "/validate") => Validate,
            _ when IsOneBelow(rest, "activations/", "/validate") => ValidateActivation,
            _ when IsOneBelow(rest, "activations/", "/heartbeat") => Heartbeat,
            _ when IsOneBelow(rest, "activations/", "") => Release,
            _ => OtherIntegration,
        };

    private static bool IsSecondFactor(ReadOnlySpan<char> rest) => rest is "two-factor" or "two-factor/confirm" or "two-factor/recovery-codes";

    private static bool IsPasskeys(ReadOnlySpan<char> rest) => rest is "passkeys" || rest.StartsWith("passkeys/", StringComparison.Ordinal);

    /// <summary>Whether a route of passkeys asks for the current password, which could be guessed there.</summary>
    private static bool TakesPassword(ReadOnlySpan<char> passkeys, string method) => passkeys is "passkeys/options" || method == "DELETE";

    /// <summary>Whether exactly one segment stands between the two.</summary>
    private static bool IsOneBelow(ReadOnlySpan<char> path, string start, string end) =>
        path.Length > start.Length + end.Length
        && path.StartsWith(start, StringComparison.Ordinal)
        && path.EndsWith(end, StringComparison.Ordinal)
        && !path[start.Length..^end.Length].Contains('/');
}
