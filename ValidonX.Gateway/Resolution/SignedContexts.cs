using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// A caller's signed contexts, one for each kind of route and method that it uses, which are one or two. They are found by a look along a short
/// array, without allocating.
/// </summary>
internal sealed class SignedContexts(CallerContext caller, CallerContextSigner signer, TimeProvider time)
{
    /// <summary>More than there are routes with a method; only invented methods come to it, and theirs are not kept.</summary>
    private const int Most = 32;

    private One[] _known = [];

    /// <summary>The header's value for a request, good for at least half a minute.</summary>
    public string HeaderFor(ApiRoute route, string method)
    {
        var known = Volatile.Read(ref _known);
        foreach (var one in known)
        {
            if (ReferenceEquals(one.Route, route) && one.Method == method)
            {
                return one.Context.Header;
            }
        }

        var added = new One(route, method, new SignedContext(caller with { Route = route.Name, Method = method }, signer, time));
        if (known.Length < Most)
        {
            // Whoever comes second at this moment signs once more the next time.
            Interlocked.CompareExchange(ref _known, [.. known, added], known);
        }

        return added.Context.Header;
    }

    private sealed record One(ApiRoute Route, string Method, SignedContext Context);
}
