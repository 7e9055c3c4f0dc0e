using System.Text.Json;
using ValidonX.Gateway.SignIn;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>The 429 answer: the envelope of CONTRACT §1 and §4, or problem details (RFC 9457) for a client that asks for them.</summary>
internal static class RateLimitRefusal
{
    public const string ProblemMediaType = "application/problem+json";

    /// <summary>Problem type of draft-ietf-httpapi-ratelimit-headers-11, section "Problem Types".</summary>
    public const string ProblemType = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    /// <summary>Writes status, header fields and body.</summary>
    /// <param name="context">A request with <see cref="RateLimitOutcome"/> set and whose answer has not started.</param>
    /// <param name="outcome">Who refused and until when.</param>
    /// <param name="engine">Knows Redis's clock.</param>
    /// <param name="requestId">As in the answer's <c>X-Request-ID</c>.</param>
    public static async Task WriteAsync(HttpContext context, RateLimitOutcome outcome, LeaseEngine engine, string requestId)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        RateLimitHeaders.Write(context, engine);
        var wantsProblem = WantsProblem(context.Request);
        response.ContentType = wantsProblem ? ProblemMediaType : "application/json; charset=utf-8";
        await using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            if (wantsProblem)
                WriteProblem(json, outcome, requestId);
            else
                WriteEnvelope(json, outcome, requestId);
        }

        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void WriteEnvelope(Utf8JsonWriter json, RateLimitOutcome outcome, string requestId)
    {
        var (code, message) = Describe(outcome);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("code", code);
        json.WriteString("message", message);
        json.WriteString("type", code[..code.IndexOf('.', StringComparison.Ordinal)].ToLowerInvariant());
        json.WriteNumber("status", StatusCodes.Status429TooManyRequests);
        WriteDetails(json, outcome);
        json.WriteEndObject();
        json.WriteStartObject("meta");
        json.WriteString("request_id", requestId);
        json.WriteString("api_version", "1");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteProblem(Utf8JsonWriter json, RateLimitOutcome outcome, string requestId)
    {
        var (code, message) = Describe(outcome);
        json.WriteStartObject();
        json.WriteString("type", ProblemType);
        json.WriteString("title", "Request cannot be satisfied as assigned quota has been exceeded");
        json.WriteNumber("status", StatusCodes.Status429TooManyRequests);
        json.WriteString("detail", message);
        json.WriteStartArray("violated-policies");
        json.WriteStringValue(outcome.Policy.Name);
        json.WriteEndArray();
        json.WriteString("code", code);
        WriteDetails(json, outcome);
        json.WriteString("request_id", requestId);
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, RateLimitOutcome outcome)
    {
        json.WriteStartObject("details");
        json.WriteString("policy", outcome.Policy.Name);
        json.WriteNumber("limit", outcome.Policy.Quota);
        json.WriteNumber("remaining", 0);
        json.WriteNumber("reset", outcome.SecondsLeft);
        json.WriteEndObject();
    }

    private static (string Code, string Message) Describe(RateLimitOutcome outcome) =>
        outcome.Policy.Name is PolicyNames.Login or SignInThrottle.OfNetworks or SignInThrottle.OfStrangers or SignInThrottle.OfMails or SignInThrottle.OfCodes or SignInThrottle.OfCustomers
            ? ("AUTH.ACCOUNT_LOCKED", $"Too many sign-in attempts. Try again in {outcome.SecondsLeft} s.")
            : ("RATE_LIMIT.EXCEEDED", $"The quota of policy '{outcome.Policy.Name}' is used up. Try again in {outcome.SecondsLeft} s.");

    private static bool WantsProblem(HttpRequest request)
    {
        foreach (var value in request.GetTypedHeaders().Accept)
        {
            if (value.MediaType.Equals(ProblemMediaType, StringComparison.OrdinalIgnoreCase) && value.Quality is not 0) return true;
        }

        return false;
    }
}
