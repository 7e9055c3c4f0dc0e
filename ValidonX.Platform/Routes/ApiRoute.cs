using Microsoft.AspNetCore.Http;
using ValidonX.Platform.Keys;

namespace ValidonX.Platform.Routes;

/// <summary>What the gateway needs to know about a group of routes, and what the licensing API checks it by. There are a few dozen, made once.</summary>
/// <param name="Kind">Who may call it.</param>
/// <param name="Name">
/// What the gateway signs to say as what it judged a request; the licensing API refuses a context under another name than that of the
/// endpoint it found. Routes that differ in anything below have different names.
/// </param>
public sealed record ApiRoute(RouteKind Kind, string Name)
{
    /// <summary>The quota of its own that it has, if any.</summary>
    public LimitedEndpoint Limit { get; init; }

    /// <summary>The scope that an API key needs.</summary>
    public ApiKeyScope Scope { get; init; }

    /// <summary>What an attempt to get in tries, hence how such attempts are limited.</summary>
    public SignInAttempt Attempt { get; init; }

    /// <summary>The largest body of a caller without a credential.</summary>
    public int MaximumAnonymousBytes { get; init; } = 16 * 1024;

    /// <summary>The largest body of all.</summary>
    public int MaximumBytes { get; init; } = 1024 * 1024;

    /// <summary>A POST that only reads, so that it may be sent again like a GET.</summary>
    public bool ReadsOnly { get; init; }

    /// <summary>Whether its answer is a stream that lasts as long as there is something to watch.</summary>
    public bool IsWatch { get; init; }

    /// <summary>Whether the same request may be sent to a second destination although the first one may have seen it.</summary>
    public bool IsRepeatable(string method) => ReadsOnly || HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
