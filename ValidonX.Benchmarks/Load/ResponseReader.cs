using System.Buffers.Text;

namespace ValidonX.Benchmarks.Load;

/// <summary>Just enough of HTTP/1.1 to know where a response ends.</summary>
internal static class ResponseReader
{
    /// <summary>Whether the bytes hold one whole response; its status, and whether the server closes afterwards.</summary>
    public static bool TryComplete(ReadOnlySpan<byte> bytes, out int status, out bool close)
    {
        status = 0;
        close = false;
        var headerEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headerEnd < 0 || !Utf8Parser.TryParse(bytes[9..12], out status, out _))
        {
            return false;
        }

        var body = bytes[(headerEnd + 4)..];
        var header = bytes[..(headerEnd + 2)];
        var length = -1;
        var chunked = false;
        for (var line = header[(header.IndexOf("\r\n"u8) + 2)..]; line.Length > 0;)
        {
            var end = line.IndexOf("\r\n"u8);
            var field = line[..end];
            line = line[(end + 2)..];
            if (Is(field, "content-length:"u8))
            {
                length = Utf8Parser.TryParse(field["content-length:"u8.Length..].TrimStart((byte)' '), out int value, out _) ? value : 0;
            }
            else if (Is(field, "transfer-encoding: chunked"u8))
            {
                chunked = true;
            }
            else if (Is(field, "connection: close"u8))
            {
                close = true;
            }
        }

        return chunked ? body.EndsWith("0\r\n\r\n"u8) : body.Length >= Math.Max(length, 0);
    }

    private static bool Is(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name) =>
        field.Length >= name.Length && System.Text.Ascii.EqualsIgnoreCase(field[..name.Length], name);
}
