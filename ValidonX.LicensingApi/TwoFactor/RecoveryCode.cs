using System.Security.Cryptography;
using System.Text;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>
/// A code for who has lost the device: 16 characters of Crockford's base 32 (80 bits) in four groups. So much entropy needs no slow hash; the owner is part of what is
/// hashed, so that equal hashes tell nothing.
/// </summary>
internal static class RecoveryCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Characters = 16;
    private const int Group = 4;

    /// <summary>Makes a new one.</summary>
    public static string Create() => string.Join('-', RandomNumberGenerator.GetString(Alphabet, Characters).Chunk(Group).Select(group => new string(group)));

    /// <summary>What is stored of a code, however it is written; <see langword="null"/> when it cannot be one.</summary>
    public static byte[]? Hash(string text, AccountOwner owner)
    {
        var plain = string.Concat(text.Where(c => c != '-' && !char.IsWhiteSpace(c))).ToUpperInvariant().Replace('O', '0').Replace('I', '1').Replace('L', '1');
        return plain.Length == Characters && plain.All(Alphabet.Contains)
            ? SHA256.HashData(Encoding.UTF8.GetBytes($"{owner.Type}:{owner.Id:N}:{plain}"))
            : null;
    }
}
