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

    /// <summary>The signature of some bytes: r and s, 64 bytes.</summary>
    public byte[] Sign(byte[] data)
    {
        if (!_idle.TryTake(out var signer))
        {
            signer = ECDsa.Create(key);
        }

        try
        {
            return signer.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _idle.Add(signer);
        }
    }
}
