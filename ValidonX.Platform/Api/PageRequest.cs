using System.Buffers.Text;
using System.Text;

namespace ValidonX.Platform.Api;

/// <summary>
/// A list's <c>?limit=</c> (1–100, default 25) and <c>?cursor=</c>. The order is newest first by id (UUID version 7 sorts by time), so the
/// cursor is the last id of the page before, opaque to the caller.
/// </summary>
/// <param name="Limit">Most items on the page.</param>
/// <param name="Before">Only items whose id sorts before it, or all.</param>
public sealed record PageRequest(int Limit, Guid? Before)
{
    /// <summary>Items on a page when the caller names no number.</summary>
    public const int Default = 25;

    /// <summary>Most items on a page.</summary>
    public const int Maximum = 100;

    /// <summary>
    /// Cuts a result that was read with <c>LIMIT</c> <see cref="Limit"/> + 1 down to the page, and gives the cursor of the next one or null.
    /// </summary>
    public (IReadOnlyList<T> Items, string? NextCursor) Cut<T>(IReadOnlyList<T> rows, Func<T, Guid> id) =>
        rows.Count > Limit
            ? (rows.Take(Limit).ToList(), Base64Url.EncodeToString(Encoding.ASCII.GetBytes(id(rows[Limit - 1]).ToString("N"))))
            : (rows, null);

    /// <summary>The id that a cursor stands for, or <see langword="null"/> when it is none.</summary>
    public static Guid? Decode(string cursor)
    {
        Span<byte> bytes = stackalloc byte[32];
        return cursor.Length <= 44
            && Ascii.IsValid(cursor)
            && Base64Url.IsValid(cursor)
            && Base64Url.TryDecodeFromChars(cursor, bytes, out var written)
            && Guid.TryParseExact(Encoding.ASCII.GetString(bytes[..written]), "N", out var id)
                ? id
                : null;
    }
}
