using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Platform.Audit;

/// <summary>
/// The hash that ties an entry to the one before it: SHA-256 over its fields in their canonical form, which anyone can repeat with what an export shows.
/// Each field is a netstring, <c>{bytes}:{UTF-8 text},</c>, an absent one is <c>-,</c>, so that no two entries have the same form.
/// </summary>
public static class AuditHash
{
    /// <summary>What the first entry of a chain follows.</summary>
    public static byte[] Origin { get; } = new byte[SHA256.HashSizeInBytes];

    private const string Version = "validonx-audit-1";

    /// <summary>The entry's hash at a place in its chain.</summary>
    /// <param name="entry">The entry; its own place and hashes do not count.</param>
    /// <param name="position">The place.</param>
    /// <param name="previous">The hash of the entry before it.</param>
    public static byte[] Of(AuditEntry entry, long position, byte[] previous)
    {
        var form = new StringBuilder(512);
        Add(form, Version);
        Add(form, position.ToString(CultureInfo.InvariantCulture));
        Add(form, Convert.ToHexStringLower(previous));
        Add(form, entry.Id.ToString());
        Add(form, entry.TenantId?.ToString());
        Add(form, entry.Action);
        Add(form, entry.ActorType);
        Add(form, entry.ActorId);
        Add(form, entry.SubjectType);
        Add(form, entry.SubjectId);
        Add(form, entry.RequestId);
        Add(form, entry.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        Add(form, DataHash(entry));
        return SHA256.HashData(Encoding.UTF8.GetBytes(form.ToString()));
    }

    /// <summary>The hash of what the entry tells in detail, so that the chain can be checked by who may not see all of it.</summary>
    public static string DataHash(AuditEntry entry) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(entry.Details)));

    private static void Add(StringBuilder form, string? field)
    {
        if (field is null)
        {
            form.Append("-,");
        }
        else
        {
            form.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(field)}:{field},");
        }
    }
}
