using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ValidonX.Platform.Webhooks;

/// <summary>Something that a tenant's endpoints are told of; a row of <c>webhook_events</c>.</summary>
/// <param name="Id">Names it for ever, at every endpoint and try.</param>
/// <param name="TenantId">Whose it is.</param>
/// <param name="Type">One of <see cref="WebhookTypes"/>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Data">What is told of it.</param>
public sealed record WebhookEvent(Guid Id, Guid TenantId, string Type, DateTimeOffset At, JsonObject Data)
{
    /// <summary>The version of the shape of all events.</summary>
    public const string Version = "1";

    // It goes over the wire as it is, never into HTML.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The id as receivers see it.</summary>
    public string PublicId => PublicIdOf(Id);

    /// <summary>The request that caused it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The text that is sent.</summary>
    public string Body() => new JsonObject
    {
        ["id"] = PublicId,
        ["type"] = Type,
        ["version"] = Version,
        ["tenant_id"] = TenantId.ToString(),
        ["created_at"] = At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        ["data"] = Data.DeepClone(),
    }.ToJsonString(Readable);

    /// <summary>An event's id as receivers see it.</summary>
    public static string PublicIdOf(Guid id) => $"evt_{id:N}";

    /// <summary>An id that follows from a name: whoever comes to the same event again comes to the same id.</summary>
    public static Guid NamedId(string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16);
        // A UUID of version 8, made as its maker likes (RFC 9562).
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The same among ids that sort by time.</summary>
    public static Guid NamedId(string name, DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        var named = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        bytes[6] = (byte)((named[0] & 0x0F) | 0x70);
        bytes[7] = named[1];
        bytes[8] = (byte)((named[2] & 0x3F) | 0x80);
        named.AsSpan(3, 7).CopyTo(bytes[9..]);
        return new Guid(bytes, bigEndian: true);
    }
}
