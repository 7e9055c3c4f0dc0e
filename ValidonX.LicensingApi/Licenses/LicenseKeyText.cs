using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using ValidonX.Platform.Routes;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>The text of a license key: opaque, case-sensitive, at most 128 visible ASCII characters (CONTRACT §3, §6.1).</summary>
internal static class LicenseKeyText
{
    /// <summary>Most characters of a key.</summary>
    public const int MaximumLength = 128;

    /// <summary>Fewest characters of a key that a vendor chooses.</summary>
    public const int MinimumLength = 6;

    /// <summary>The name of the route's parameter.</summary>
    public const string RouteParameter = "licenseKey";

    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string PathEnd = "/validate";

    /// <summary>Makes a key of 80 random bits: <c>XXXX-XXXX-XXXX-XXXX</c>, after the product's prefix if it has one.</summary>
    public static string Create(string? prefix)
    {
        var text = RandomNumberGenerator.GetString(Crockford, 16);
        var key = $"{text[..4]}-{text[4..8]}-{text[8..12]}-{text[12..]}";
        return prefix is null ? key : $"{prefix}-{key}";
    }

    /// <summary>Whether the text can be a key at all. What cannot is never looked up.</summary>
    public static bool IsWellFormed([NotNullWhen(true)] string? text)
    {
        if (text is null || text.Length is 0 or > MaximumLength)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (c is < '!' or > '~')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The key in the path of a request, or <see langword="null"/> when what is there can be none.</summary>
    public static string? FromPath(HttpContext context)
    {
        var value = context.Request.RouteValues[RouteParameter] as string;
        if (value?.Contains('%', StringComparison.Ordinal) == true)
        {
            value = Exact(context);
        }

        return IsWellFormed(value) ? value : null;
    }

    /// <summary>
    /// The server decodes a path except for <c>%2F</c>, so that a key with a slash and one with the text "%2F" look the same; the request's
    /// own target tells them apart.
    /// </summary>
    private static string? Exact(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (!path.StartsWith(RequestTarget.LicenseKeys, StringComparison.Ordinal) || !path.EndsWith(PathEnd, StringComparison.Ordinal) || path.Length < RequestTarget.LicenseKeys.Length + PathEnd.Length)
        {
            return null;
        }

        var segment = path[RequestTarget.LicenseKeys.Length..^PathEnd.Length];
        return segment.Contains('/') ? null : Uri.UnescapeDataString(segment);
    }
}
