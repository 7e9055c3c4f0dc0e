using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Platform.Accounts;

/// <summary>
/// A bearer token <c>&lt;id&gt;|&lt;secret&gt;</c>: the id finds the row, the secret (32 random bytes, base64url) proves ownership
/// and is stored only as its SHA-256. A plain hash is enough, since the secret has 256 bits of entropy.
/// </summary>
public readonly record struct AccessToken(Guid Id, string Secret)
{
    private const int SecretLength = 43;

    /// <summary>Makes a new token.</summary>
    public static AccessToken Create()
    {
        Span<byte> bytes = stackalloc byte[32];
        RandomNumberGenerator.Fill(bytes);
        return new AccessToken(Guid.CreateVersion7(), Base64Url.EncodeToString(bytes));
    }

    /// <summary>Takes a header's token apart; <see langword="false"/> when it cannot be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out AccessToken token)
    {
        token = default;
        if (value is null || value.Length != 36 + 1 + SecretLength || value[36] != '|' || !Guid.TryParseExact(value.AsSpan(0, 36), "D", out var id))
        {
            return false;
        }

        token = new AccessToken(id, value[37..]);
        return true;
    }

    /// <summary>What is stored.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(Secret));

    /// <summary>Whether a stored hash is this secret's, in constant time.</summary>
    public bool Matches(byte[] storedHash) => CryptographicOperations.FixedTimeEquals(Hash(), storedHash);

    /// <summary>The text that the caller gets, once.</summary>
    public string Reveal() => $"{Id:D}|{Secret}";

    /// <summary>Leaves the secret out.</summary>
    public override string ToString() => Id.ToString("D");
}
