using System.Security.Cryptography;

namespace ValidonX.Platform.Keys;

/// <summary>The raw form of an API key: <c>vx_</c> and 64 lower-case hex digits, 32 random bytes (CONTRACT §2).</summary>
public static class ApiKeyText
{
    /// <summary>Characters of every key.</summary>
    public const int Length = 67;

    private const string Prefix = "vx_";

    /// <summary>Makes a new key.</summary>
    public static string Create() => Prefix + RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>Whether a header's value can be a key at all, so that nonsense costs no hash and no look-up.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> value)
    {
        if (value.Length != Length || !value.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var c in value[Prefix.Length..])
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }
}
