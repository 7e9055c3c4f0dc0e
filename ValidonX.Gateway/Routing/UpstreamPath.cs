namespace ValidonX.Gateway.Routing;

/// <summary>
/// The path and query that a destination gets: what the caller sent, byte for byte, so that a license key with unusual characters
/// survives, without <c>/api</c> in front. Gateway and licensing API read it with the same server, hence see the same route.
/// </summary>
internal static class UpstreamPath
{
    /// <summary>The request target from its first slash.</summary>
    /// <param name="rawTarget">The target of the request line.</param>
    /// <param name="request">The request, for targets that are not in origin form (<c>GET http://host/path</c>).</param>
    /// <param name="aliasLength">How many characters of the path to leave out; see <see cref="RouteTable.AliasLength"/>.</param>
    public static string Of(string rawTarget, HttpRequest request, int aliasLength)
    {
        // A target that was normalized (dot segments, an encoded alias) does not begin as the path does: send the normalized path.
        if (rawTarget.StartsWith('/') && (aliasLength == 0 || rawTarget.StartsWith("/api/v1/", StringComparison.Ordinal)))
        {
            return aliasLength == 0 ? rawTarget : rawTarget[aliasLength..];
        }

        return string.Concat(request.Path.ToUriComponent().AsSpan(aliasLength), request.QueryString.ToUriComponent());
    }
}
