using System.Buffers.Binary;

namespace ValidonX.LicensingApi.Branding;

/// <summary>
/// What an uploaded file is, by its own bytes and not by what its sender says: a PNG, a JPEG or a WebP, from its first byte to its last. Nothing else is an image here; SVG
/// is a program. The file is not decoded, which is what attacks on image libraries need.
/// </summary>
/// <param name="MediaType">The type that it is served with.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record LogoImage(string MediaType, int Width, int Height)
{
    /// <summary>Most bytes.</summary>
    public const int MaximumBytes = 256 * 1024;

    /// <summary>Least and most pixels of each side.</summary>
    public const int Least = 16;

    public const int Most = 2_048;

    public const string Png = "image/png";
    public const string Jpeg = "image/jpeg";
    public const string WebP = "image/webp";

    private const int PngHead = 8;
    private const int ChunkFrame = 12;

    /// <summary>Reads what a file is; <see langword="null"/> when it is no whole image of one of the three kinds.</summary>
    public static LogoImage? Of(ReadOnlySpan<byte> file) => OfPng(file) ?? OfJpeg(file) ?? OfWebP(file);

    /// <summary>Whether its sides are as they should be.</summary>
    public bool Fits => Width is >= Least and <= Most && Height is >= Least and <= Most;

    /// <summary>ISO/IEC 15948: chunks one after the other, each with its checksum, IHDR the first and an empty IEND the last, and nothing behind it.</summary>
    private static LogoImage? OfPng(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return null;
        }

        LogoImage? image = null;
        var hasData = false;
        for (var rest = file[PngHead..]; rest.Length >= ChunkFrame;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - ChunkFrame)
            {
                return null;
            }

            var type = rest.Slice(4, 4);
            var data = rest.Slice(8, (int)length);
            if (BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]) != Crc(rest.Slice(4, 4 + (int)length)))
            {
                return null;
            }

            if (image is null)
            {
                if (!type.SequenceEqual("IHDR"u8) || length != 13)
                {
                    return null;
                }

                image = Sized(Png, BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
                if (image is null)
                {
                    return null;
                }
            }

            hasData |= type.SequenceEqual("IDAT"u8);
            rest = rest[(ChunkFrame + (int)length)..];
            if (type.SequenceEqual("IEND"u8))
            {
                return length == 0 && rest.IsEmpty && hasData ? image : null;
            }
        }

        return null;
    }

    /// <summary>ITU-T T.81: segments up to the first scan, a frame header among them, and an end-of-image marker as the last bytes.</summary>
    private static LogoImage? OfJpeg(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || !file.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9]))
        {
            return null;
        }

        LogoImage? image = null;
        for (var rest = file[2..]; rest.Length >= 4 && rest[0] == 0xFF;)
        {
            var marker = rest[1];
            if (marker == 0xFF)
            {
                rest = rest[1..];
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker is < 0xC0 or 0xD8 or 0xD9 || length < 2 || length > rest.Length - 2)
            {
                return null;
            }

            if (marker == 0xDA)
            {
                return image;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && length >= 8)
            {
                image = Sized(Jpeg, BinaryPrimitives.ReadUInt16BigEndian(rest[7..]), BinaryPrimitives.ReadUInt16BigEndian(rest[5..]));
            }

            rest = rest[(2 + length)..];
        }

        return null;
    }

    /// <summary>RFC 9649: a RIFF that is as long as it says, with a first chunk of one of three kinds.</summary>
    private static LogoImage? OfWebP(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30 || !file.StartsWith("RIFF"u8) || !file[8..12].SequenceEqual("WEBP"u8) || BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) != file.Length - 8)
        {
            return null;
        }

        var kind = file[12..16];
        var data = file[20..];
        return kind.SequenceEqual("VP8X"u8) ? Sized(WebP, Wide(data[4..]) + 1, Wide(data[7..]) + 1)
            : kind.SequenceEqual("VP8L"u8) && data[0] == 0x2F ? OfLossless(BinaryPrimitives.ReadUInt32LittleEndian(data[1..]))
            : kind.SequenceEqual("VP8 "u8) && data[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
                ? Sized(WebP, BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFFu, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFFu)
            : null;

        static uint Wide(ReadOnlySpan<byte> three) => three[0] | ((uint)three[1] << 8) | ((uint)three[2] << 16);

        static LogoImage? OfLossless(uint bits) => Sized(WebP, (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
    }

    private static LogoImage? Sized(string type, uint width, uint height) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new LogoImage(type, (int)width, (int)height) : null;

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
