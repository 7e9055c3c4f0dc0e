using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Challenges;

/// <summary>Gives a caller something to bring back that it can neither read nor change: sealed for one purpose and owner, in a text.</summary>
internal static class SealedText
{
    /// <summary>Most characters of one.</summary>
    public const int MaximumLength = 4_096;

    private const int OwnerBytes = 16;

    /// <summary>Seals a value.</summary>
    public static string Of<T>(SecretSealer sealer, T value, JsonTypeInfo<T> type, string purpose, Guid owner) =>
        Base64Url.EncodeToString([.. owner.ToByteArray(), .. sealer.Seal(JsonSerializer.Serialize(value, type), purpose, owner)]);

    /// <summary>Opens one; <see langword="null"/> when it is none of ours, or for something else.</summary>
    public static (Guid Owner, T Value)? Open<T>(SecretSealer sealer, string text, JsonTypeInfo<T> type, string purpose)
        where T : class
    {
        if (text.Length > MaximumLength || !Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length <= OwnerBytes)
        {
            return null;
        }

        try
        {
            var owner = new Guid(bytes.AsSpan(0, OwnerBytes));
            return JsonSerializer.Deserialize(sealer.Open(bytes[OwnerBytes..], purpose, owner), type) is { } value ? (owner, value) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
