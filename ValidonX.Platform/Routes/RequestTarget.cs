using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace ValidonX.Platform.Routes;

/// <summary>
/// The target of a request, read once, without decoding anything, and only in its normal form (RFC 3986 §6.2.2): whatever a later reader
/// might read as another path is none. So the gateway can send on the very characters that it judged.
/// <para>
/// A segment consists of lower-case letters, digits and <c>- . _ ~</c>; no segment is empty, a dot segment, or the empty one after a slash at the
/// end. The only exception is the segment of a license key, which is the vendor's text: any character of a segment as RFC 3986 has it, the others
/// percent-encoded once, in capital digits. <c>/api/v1</c> is an alias of <c>/v1</c>.
/// </para>
/// </summary>
public readonly ref struct RequestTarget
{
    /// <summary>The path below which the next segment is a license key.</summary>
    public const string LicenseKeys = "/v1/integration/licenses/";

    private const string AliasStart = "/api/v1/";
    private const string Alias = "/api";
    private const string Unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("/abcdefghijklmnopqrstuvwxyz0123456789-._~");
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create(Unreserved + "!$&'()*+,;=:@");

    // Queries are the licensing API's to read; here only what is no part of any target.
    private static readonly SearchValues<char> QueryCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(c => c != '#')]);

    private RequestTarget(ReadOnlySpan<char> path, int start)
    {
        Path = path;
        Start = start;
    }

    /// <summary>The path without query and alias.</summary>
    public ReadOnlySpan<char> Path { get; }

    /// <summary>Where in the target the path begins: what follows is what the next reader gets.</summary>
    public int Start { get; }

    /// <summary>Reads the target of a request line; <see langword="false"/> when it is not in normal form.</summary>
    /// <param name="target">As it was sent.</param>
    /// <param name="host">The request's host, which a target in absolute form has to name.</param>
    /// <param name="read">What was read.</param>
    public static bool TryRead(string target, string? host, out RequestTarget read)
    {
        read = default;
        var start = target.StartsWith('/') ? 0 : EndOfAuthority(target, host);
        if (start < 0)
        {
            return false;
        }

        var path = target.AsSpan(start);
        var query = path.IndexOf('?');
        if (query >= 0)
        {
            if (path[(query + 1)..].ContainsAnyExcept(QueryCharacters))
            {
                return false;
            }

            path = path[..query];
        }

        if (path.StartsWith(AliasStart, StringComparison.Ordinal))
        {
            start += Alias.Length;
            path = path[Alias.Length..];
        }

        if (!IsNormal(path))
        {
            return false;
        }

        read = new RequestTarget(path, start);
        return true;
    }

    /// <summary>Length of <c>http://host</c> when that is what the target begins with; else -1.</summary>
    private static int EndOfAuthority(string target, string? host)
    {
        var scheme = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
            : 0;
        var end = scheme == 0 || string.IsNullOrEmpty(host) ? -1 : scheme + host.Length;
        return end > 0 && target.Length > end && target[end] == '/' && target.AsSpan(scheme, host!.Length).Equals(host, StringComparison.OrdinalIgnoreCase) ? end : -1;
    }

    private static bool IsNormal(ReadOnlySpan<char> path)
    {
        if (!path.StartsWith(LicenseKeys, StringComparison.Ordinal))
        {
            return IsPlain(path);
        }

        var rest = path[LicenseKeys.Length..];
        var end = rest.IndexOf('/');
        return end < 0 ? IsKey(rest) : IsKey(rest[..end]) && IsPlain(rest[end..]);
    }

    private static bool IsPlain(ReadOnlySpan<char> path) =>
        !path.ContainsAnyExcept(PathCharacters)
        && path[^1] != '/'
        && path.IndexOf("//") < 0
        && (path.IndexOf("/.") < 0 || !HasDotSegment(path));

    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.Split('/'))
        {
            if (IsDotSegment(path[segment]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDotSegment(ReadOnlySpan<char> segment) => segment is "." or "..";

    private static bool IsKey(ReadOnlySpan<char> segment) =>
        segment.Length > 0 && !IsDotSegment(segment) && (!segment.ContainsAnyExcept(KeyCharacters) || IsEncodedOnce(segment));

    /// <summary>Whether everything that needs it, and nothing else, is percent-encoded, and the whole is text without control characters.</summary>
    private static bool IsEncodedOnce(ReadOnlySpan<char> segment)
    {
        Span<byte> text = segment.Length <= 512 ? stackalloc byte[segment.Length] : new byte[segment.Length];
        var length = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            var c = segment[i];
            if (c != '%')
            {
                if (!KeyCharacters.Contains(c))
                {
                    return false;
                }

                text[length++] = (byte)c;
                continue;
            }

            if (i + 2 >= segment.Length
                || char.IsAsciiLetterLower(segment[i + 1])
                || char.IsAsciiLetterLower(segment[i + 2])
                || !byte.TryParse(segment.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                || value is < 0x20 or 0x7F
                || Unreserved.Contains((char)value, StringComparison.Ordinal))
            {
                return false;
            }

            text[length++] = value;
            i += 2;
        }

        // No key holds more than visible ASCII, but what an end user types does, and is to hear that there is no such license.
        return Utf8.IsValid(text[..length]);
    }
}
