using System.Security.Cryptography;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>A row as it was read, before anybody looks at its fields.</summary>
/// <param name="Json">The row as a JSON object in UTF-8; for a row that cannot be read, whatever tells it from others.</param>
/// <param name="Errors">Why it cannot be read, by field; null when it can.</param>
internal sealed record ImportRow(ReadOnlyMemory<byte> Json, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors = null)
{
    /// <summary>The field that what concerns the whole row is told under.</summary>
    public const string WholeRow = "row";

    /// <summary>Whether nothing behind it can be read either.</summary>
    public bool IsEnd { get; init; }

    /// <summary>A row that cannot be read.</summary>
    public static ImportRow Bad(ReadOnlyMemory<byte> bytes, string message) => new(bytes, Whole(message));

    /// <summary>A row that cannot be read, and nothing behind it.</summary>
    public static ImportRow End(string message) => Bad(default, message) with { IsEnd = true };

    /// <summary>A sentence about the whole row.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Whole(string message) => new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [WholeRow] = [message] };

    /// <summary>The digest of all rows up to this one.</summary>
    /// <param name="before">That of the rows before it.</param>
    public byte[] Digest(byte[] before)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        hash.AppendData(Json.Span);
        return hash.GetHashAndReset();
    }

    /// <summary>Reads its fields by the rules of a license that is made alone.</summary>
    public ReadRow Read(long number, byte[] digest, DateTimeOffset now)
    {
        if (Errors is not null)
        {
            return new ReadRow(number, digest, null, Errors);
        }

        try
        {
            var errors = new FieldErrors();
            var license = (ImportedLicense)RecordReader.Of(typeof(ImportedLicense)).Read(RequestBody.Parse(Json).Root, new FieldPlace("", errors, IsQuery: false, now));
            if (license is { ProductId: not null, Product: not null })
            {
                errors.Add("product", "Name the product by its id or by its code, not by both.");
            }

            return new ReadRow(number, digest, errors.IsEmpty ? license : null, errors.All);
        }
        catch (ApiException unreadable)
        {
            return new ReadRow(number, digest, null, Whole(unreadable.Error.Message));
        }
    }
}

/// <summary>A row whose fields were read.</summary>
/// <param name="Number">Its place among the rows, from 1.</param>
/// <param name="Digest">The digest of all rows up to it.</param>
/// <param name="License">The license, when nothing is wrong with it.</param>
/// <param name="Errors">What is wrong, by field.</param>
internal sealed record ReadRow(long Number, byte[] Digest, ImportedLicense? License, IReadOnlyDictionary<string, IReadOnlyList<string>> Errors);
