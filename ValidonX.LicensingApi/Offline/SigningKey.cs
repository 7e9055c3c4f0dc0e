using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ValidonX.LicensingApi.Offline;

/// <summary>A tenant's key on the curve P-256, open to sign with. Any number of threads may sign at once.</summary>
/// <param name="id">Its id, which is the <c>kid</c> of what it signs.</param>
/// <param name="key">The private key.</param>
internal sealed class SigningKey(Guid id, ECParameters key)
{
    // One of them serves one thread at a time, and making one takes longer than signing. Those of a key that is forgotten are collected.
    private readonly ConcurrentBag<ECDsa> _idle = [];

    /// <summary>Its id.</summary>
    public Guid Id { get; } = id;

    /// <summary>How long a signature is: r and s.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Signs some bytes.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="signature">Takes the signature, <see cref="SignatureBytes"/> long.</param>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (!_idle.TryTake(out var signer))
        {
            signer = ECDsa.Create(key);
        }

        try
        {
            if (!signer.TrySignData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out var written) || written != SignatureBytes)
            {
                throw new CryptographicException("A signature of P-256 has 64 bytes.");
            }
        }
        finally
        {
            _idle.Add(signer);
        }
    }
}
