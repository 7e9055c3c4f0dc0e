using System.Collections.Immutable;
using System.Globalization;

namespace ValidonX.Platform.Api;

/// <summary>Every refusal of the contract (§5), each in one place with its code, status and sentence.</summary>
public static class ApiErrors
{
    public static ApiError InvalidCredentials { get; } = new(401, "AUTH.INVALID_CREDENTIALS", "The e-mail address or the password is wrong.");

    public static ApiError InvalidApiKey { get; } = new(401, "AUTH.INVALID_API_KEY", "The X-API-Key header is missing, or its key is unknown or revoked.");

    public static ApiError Unauthenticated { get; } = new(401, "AUTH.UNAUTHENTICATED", "The bearer token is unknown, expired or revoked.");

    public static ApiError TokenRequired { get; } = new(401, "AUTH.TOKEN.REQUIRED", "This route needs an Authorization header with a bearer token.");

    public static ApiError Forbidden { get; } = new(403, "AUTH.FORBIDDEN", "The caller may not do this.");

    public static ApiError InsufficientPermissions { get; } = new(403, "AUTH.INSUFFICIENT_PERMISSIONS", "The caller's role in this tenant does not allow this.");

    public static ApiError InvalidScope { get; } = new(403, "AUTH.TOKEN.INVALID_SCOPE", "This kind of credential is not valid for this route.");

    public static ApiError ScopeInsufficient { get; } = new(403, "AUTH.SCOPE_INSUFFICIENT", "The API key's scopes do not cover this route.");

    public static ApiError VerificationFailed { get; } = new(403, "AUTH.VERIFICATION_FAILED", "The current password is another.");

    /// <summary>403: the link of a mail is of no use.</summary>
    public static ApiError LinkInvalid { get; } = VerificationFailed with { Message = "The token is unknown, was used already, or is too old." };

    /// <summary>403: the password is right, and the address still has to be proved.</summary>
    public static ApiError EmailNotVerified { get; } = VerificationFailed with { Message = "The e-mail address still has to be confirmed by the link that was mailed to it." };

    /// <summary>403: a one-time code is wrong, or was used already.</summary>
    public static ApiError CodeInvalid { get; } = VerificationFailed with { Message = "The code is wrong, or was used already." };

    public static ApiError TwoFactorRequired { get; } = new(401, "AUTH.TWO_FACTOR_REQUIRED", "The account has a second factor: send its code, or a recovery code, as otp.");

    public static ApiError PasswordResetFailed { get; } = new(422, "AUTH.PASSWORD_RESET_FAILED", "The token is unknown, was used already, or is too old; ask for a new mail.");

    public static ApiError AccountLocked { get; } = new(429, "AUTH.ACCOUNT_LOCKED", "Too many attempts to log in; try again later.");

    public static ApiError RateLimitExceeded { get; } = new(429, "RATE_LIMIT.EXCEEDED", "The rate limit is used up; try again after the window's end.");

    public static ApiError TenantNotFound { get; } = new(404, "TENANT.NOT_FOUND", "There is no such tenant.");

    public static ApiError TenantInvalidState { get; } = new(403, "TENANT.INVALID_STATE", "The tenant is not in service: it is closed or still being provisioned.");

    public static ApiError TenantSuspended { get; } = new(403, "TENANT.STATUS.SUSPENDED", "The tenant is suspended.");

    public static ApiError LicenseNotFound { get; } = new(404, "LICENSE.NOT_FOUND", "There is no such license.");

    public static ApiError LicenseRevoked { get; } = new(403, "LICENSE.REVOKED", "The license has been revoked.");

    public static ApiError ActivationNotFound { get; } = new(404, "ACTIVATION.NOT_FOUND", "There is no such activation.");

    public static ApiError ActivationInvalid { get; } = new(422, "ACTIVATION.INVALID", "The license cannot be activated: it has expired or is suspended.");

    public static ApiError SubscriptionNotFound { get; } = new(404, "BILLING.SUBSCRIPTION_NOT_FOUND", "The tenant has no subscription.");

    public static ApiError ResourceNotFound { get; } = new(404, "RESOURCE.NOT_FOUND", "There is no such resource.");

    public static ApiError IdempotencyInProgress { get; } =
        new(409, "IDEMPOTENCY.IN_PROGRESS", "The first request with this Idempotency-Key is still running.") { RetryAfterSeconds = 1 };

    public static ApiError IdempotencyKeyReused { get; } =
        new(422, "IDEMPOTENCY.KEY_REUSED", "This Idempotency-Key was used with another request.");

    public static ApiError RequestTooLarge { get; } = new(413, "REQUEST.TOO_LARGE", "The request is larger than this server accepts.");

    public static ApiError BodyTooSlow { get; } = new(408, "REQUEST.MALFORMED", "The request's body came too slowly.");

    public static ApiError UnsupportedMediaType { get; } = new(415, "REQUEST.UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json in UTF-8.");

    public static ApiError PreconditionFailed { get; } =
        new(412, "REQUEST.PRECONDITION_FAILED", "It was changed since the caller has seen it: read it again, and repeat the change with its new ETag in If-Match.");

    public static ApiError PreconditionRequired { get; } =
        new(428, "REQUEST.PRECONDITION_REQUIRED", "Say with If-Match what is to be changed: the ETag of an earlier answer, or * for whatever is there.");

    public static ApiError RouteNotFound { get; } = new(404, "ROUTE.NOT_FOUND", "There is no such route.");

    public static ApiError MethodNotAllowed { get; } = new(405, "ROUTE.METHOD_NOT_ALLOWED", "This route does not take this method.");

    public static ApiError ServerError { get; } = new(500, "SERVER.ERROR", "Something went wrong on our side. Quote the request id when you report it.");

    public static ApiError BadGateway { get; } =
        new(502, "SERVER.UNAVAILABLE", "The service behind the gateway did not answer; try again.") { RetryAfterSeconds = 1 };

    public static ApiError Unavailable { get; } =
        new(503, "SERVER.UNAVAILABLE", "The service is busy or starting; try again.") { RetryAfterSeconds = 1 };

    public static ApiError GatewayTimeout { get; } =
        new(504, "SERVER.UNAVAILABLE", "The service behind the gateway took too long; try again.") { RetryAfterSeconds = 1 };

    /// <summary>503: the change is made and may not be in force everywhere yet. Repeating the call is safe and tells when it is.</summary>
    public static ApiError Unannounced { get; } =
        new(503, "SERVER.UNAVAILABLE", "The change is committed, but parts of the service may not act on it yet; repeat the call until it succeeds.")
        {
            RetryAfterSeconds = 2,
            Details = ImmutableSortedDictionary<string, object>.Empty.Add("committed", true),
        };

    /// <summary>400: the request itself cannot be read. The sentence says what is wrong with it.</summary>
    public static ApiError Malformed(string message) => new(400, "REQUEST.MALFORMED", message);

    /// <summary>409: something else holds the value, or the resource's state does not allow the change.</summary>
    public static ApiError Conflict(string message) => new(409, "RESOURCE.CONFLICT", message);

    /// <summary>403: all seats are taken.</summary>
    public static ApiError ActivationLimitExceeded(long current, long limit) =>
        new(403, "ACTIVATION.LIMIT_EXCEEDED", "All activations that the license allows are in use.") { Details = Counts(current, limit) };

    /// <summary>403: the license's seats have gone from one machine to another too often.</summary>
    /// <param name="limit">How often they may.</param>
    /// <param name="perDays">In how many days.</param>
    /// <param name="retryAt">When it is possible again; <see langword="null"/>: never.</param>
    public static ApiError ActivationChurnExceeded(int limit, int perDays, DateTimeOffset? retryAt) =>
        new(403, "ACTIVATION.CHURN_EXCEEDED", "The license's seats have gone from one machine to another too often; try again later.")
        {
            Details = At(ImmutableSortedDictionary<string, object>.Empty.Add("limit", limit).Add("per_days", perDays), retryAt),
        };

    /// <summary>403: the license is in force, but not here or not now.</summary>
    /// <param name="reason">Which restriction it is.</param>
    /// <param name="retryAt">When it ends, if it is known.</param>
    public static ApiError LicenseRestricted(string reason, DateTimeOffset? retryAt) =>
        new(403, "LICENSE.RESTRICTED", "The license is not for this region or this time.") { Details = At(ImmutableSortedDictionary<string, object>.Empty.Add("reason", reason), retryAt) };

    /// <summary>422: the license cannot be activated, and why.</summary>
    public static ApiError ActivationInvalidBecause(string reason) =>
        ActivationInvalid with { Details = ImmutableSortedDictionary<string, object>.Empty.Add("reason", reason) };

    /// <summary>422: the seat is another machine's.</summary>
    public static ApiError ActivationOfAnotherMachine(string reason) =>
        ActivationInvalidBecause(reason) with { Message = "The seat is another machine's: too many of its components differ." };

    /// <summary>409: the instance has lost its seat, and why.</summary>
    public static ApiError SeatLost(string reason) =>
        Conflict("The instance has lost its seat: activate it again.") with { Details = ImmutableSortedDictionary<string, object>.Empty.Add("reason", reason) };

    /// <summary>403: a plan's or license's limit is reached.</summary>
    public static ApiError EntitlementLimitExceeded(string code, long current, long limit) =>
        new(403, "ENTITLEMENTS.LIMIT_EXCEEDED", "The limit of this entitlement is reached.") { Details = Counts(current, limit).Add("entitlement", code) };

    /// <summary>422: all bad fields at once, each with its sentences.</summary>
    public static ApiError ValidationFailed(IReadOnlyDictionary<string, IReadOnlyList<string>> fields) =>
        new(422, "VALIDATION.FAILED", "Some fields are not valid.")
        {
            Details = fields.ToImmutableSortedDictionary(field => field.Key, field => (object)field.Value, StringComparer.Ordinal),
        };

    /// <summary>422 with one bad field.</summary>
    public static ApiError ValidationFailed(string field, string message) =>
        ValidationFailed(new Dictionary<string, IReadOnlyList<string>> { [field] = [message] });

    private static ImmutableSortedDictionary<string, object> At(ImmutableSortedDictionary<string, object> details, DateTimeOffset? retryAt) =>
        retryAt is { } time ? details.Add("retry_at", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)) : details;

    private static ImmutableSortedDictionary<string, object> Counts(long current, long limit) =>
        ImmutableSortedDictionary<string, object>.Empty.Add("current", current).Add("limit", limit);
}
