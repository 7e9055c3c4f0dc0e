using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ValidonX.Platform.Accounts;

/// <summary>
/// A token in a mail's link: 64 characters that need no encoding in a URL, of which the first 16 bytes are the row's id and the other 32 the secret, stored as its
/// SHA-256 only. A plain hash is enough, since the secret has 256 bits of entropy.
/// </summary>
public sealed class MailedToken
{
    private const int IdBytes = 16;
    private const int Bytes = 48;
    private const int Length = 64;

    private readonly byte[] _bytes;

    private MailedToken(byte[] bytes) => _bytes = bytes;

    /// <summary>The row that keeps its hash.</summary>
    public Guid Id => new(_bytes.AsSpan(0, IdBytes), bigEndian: true);

    /// <summary>Makes a new one.</summary>
    public static MailedToken Create()
    {
        var bytes = RandomNumberGenerator.GetBytes(Bytes);
        Guid.CreateVersion7().TryWriteBytes(bytes, bigEndian: true, out _);
        return new MailedToken(bytes);
    }

    /// <summary>Reads one; <see langword="false"/> when the text cannot be one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MailedToken? token)
    {
        var bytes = new byte[Bytes];
        token = text.Length == Length && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == Bytes
            ? new MailedToken(bytes)
            : null;
        return token is not null;
    }

    /// <summary>What is stored.</summary>
    public byte[] Hash() => SHA256.HashData(_bytes.AsSpan(IdBytes));

    /// <summary>Whether a stored hash is this secret's, in constant time.</summary>
    public bool Matches(byte[] storedHash) => CryptographicOperations.FixedTimeEquals(Hash(), storedHash);

    /// <summary>The text for the link.</summary>
    public string Reveal() => Base64Url.EncodeToString(_bytes);

    /// <summary>Leaves the secret out.</summary>
    public override string ToString() => Id.ToString("D");
}
