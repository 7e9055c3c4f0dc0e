using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>
/// A list's <c>?limit=</c> (1–100, default 25) and <c>?cursor=</c>. The order is newest first by id (UUID version 7 sorts by time), so the
/// cursor is the last id of the page before, opaque to the caller.
/// </summary>
/// <param name="Limit">Most items on the page.</param>
/// <param name="Before">Only items whose id sorts before it, or all.</param>
public sealed record PageRequest(int Limit, Guid? Before)
{
    private const int Default = 25;
    private const int Maximum = 100;

    /// <summary>Reads the query.</summary>
    /// <exception cref="ApiException">422 for a limit or cursor that is not one.</exception>
    public static PageRequest From(HttpContext context)
    {
        var query = context.Request.Query;
        var errors = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var limit = Default;
        if (query["limit"] is { Count: > 0 } limits
            && (!int.TryParse(limits[0], NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Maximum))
        {
            errors["limit"] = [$"Must be a whole number from 1 to {Maximum}."];
        }

        Guid? before = null;
        if (query["cursor"] is { Count: > 0 } cursors && !string.IsNullOrEmpty(cursors[0]))
        {
            before = Decode(cursors[0]!);
            if (before is null)
            {
                errors["cursor"] = ["Must be the next_cursor of the page before."];
            }
        }

        return errors.Count == 0 ? new PageRequest(limit, before) : throw new ApiException(ApiErrors.ValidationFailed(errors));
    }

    /// <summary>
    /// Cuts a result that was read with <c>LIMIT</c> <see cref="Limit"/> + 1 down to the page, and gives the cursor of the next one or null.
    /// </summary>
    public (IReadOnlyList<T> Items, string? NextCursor) Cut<T>(IReadOnlyList<T> rows, Func<T, Guid> id) =>
        rows.Count > Limit
            ? (rows.Take(Limit).ToList(), Base64Url.EncodeToString(Encoding.ASCII.GetBytes(id(rows[Limit - 1]).ToString("N"))))
            : (rows, null);

    private static Guid? Decode(string cursor)
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
