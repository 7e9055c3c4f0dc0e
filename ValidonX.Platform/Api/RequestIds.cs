using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>The request's id: the caller's own when it is sane (1–128 visible ASCII characters), else a new UUID.</summary>
public static class RequestIds
{
    /// <summary>The header, both ways.</summary>
    public const string Header = "X-Request-ID";

    private const int MaximumLength = 128;

    /// <summary>The id of this request; the same however often it is asked for.</summary>
    public static string Of(HttpContext context)
    {
        if (context.Features.Get<Feature>() is { } known)
        {
            return known.Id;
        }

        var given = context.Request.Headers[Header];
        var id = given.Count == 1 && IsSane(given[0]) ? given[0]! : Create();
        context.Features.Set(new Feature(id));
        return id;
    }

    /// <summary>
    /// A UUID of version 7. Its random bits need to differ, not to be unpredictable, so they do not come from the system's generator, which
    /// costs a call into the kernel for every request.
    /// </summary>
    private static string Create()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16);
        Random.Shared.NextBytes(bytes[6..]);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private static bool IsSane(string? value)
    {
        if (value is null || value.Length is 0 or > MaximumLength)
        {
            return false;
        }

        foreach (var c in value)
        {
            if (c is < '!' or > '~')
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Feature(string Id);
}
