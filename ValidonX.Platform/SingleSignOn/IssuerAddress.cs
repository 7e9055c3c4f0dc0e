namespace ValidonX.Platform.SingleSignOn;

/// <summary>
/// The address that names an issuer (OpenID Connect Core §2): https, a host and perhaps a path, nothing else. It is compared character by character with the <c>iss</c> of tokens,
/// so it is kept as it is written.
/// </summary>
public static class IssuerAddress
{
    /// <summary>Most characters.</summary>
    public const int MaximumLength = 255;

    private const string Discovery = "/.well-known/openid-configuration";

    /// <summary>Whether a text can name an issuer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="allowsLoopback">In development: also this machine, over plain http.</param>
    public static bool IsValid(string text, bool allowsLoopback) =>
        text.Length is > 0 and <= MaximumLength
        && text.All(c => c is > ' ' and < '\x7f' and not ('?' or '#' or '\\' or '"' or '<' or '>'))
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (allowsLoopback && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 };

    /// <summary>Where the issuer tells about itself (OpenID Connect Discovery §4).</summary>
    public static Uri DiscoveryOf(string issuer) => new(issuer.TrimEnd('/') + Discovery);
}
