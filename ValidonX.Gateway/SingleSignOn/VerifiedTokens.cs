using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Gateway.SingleSignOn;

/// <summary>
/// Tokens of issuers that were checked a moment ago, by their SHA-256, so that the next request with one costs a hash instead of a signature. In two generations
/// of bounded size, of which the old one goes when the young one is full.
/// </summary>
internal sealed class VerifiedTokens
{
    private const int Generation = 8_192;

    private ConcurrentDictionary<string, RememberedToken> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, RememberedToken> _old = new(StringComparer.Ordinal);
    private int _youngCount;

    /// <summary>As what a token is remembered: nothing that would open anything.</summary>
    public static string NameOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(token), hash);
        return Convert.ToBase64String(hash);
    }

    /// <summary>What is remembered, or <see langword="null"/>.</summary>
    public RememberedToken? Find(string name)
    {
        if (Volatile.Read(ref _young).TryGetValue(name, out var token))
        {
            return token;
        }

        if (Volatile.Read(ref _old).TryGetValue(name, out token))
        {
            Keep(name, token);
        }

        return token;
    }

    /// <summary>Remembers one.</summary>
    public void Keep(string name, RememberedToken token)
    {
        var young = Volatile.Read(ref _young);
        if (!young.TryAdd(name, token))
        {
            young[name] = token;
        }
        else if (Interlocked.Increment(ref _youngCount) >= Generation)
        {
            // Two threads may turn at once; then one generation is forgotten early, which costs a check.
            Interlocked.Exchange(ref _youngCount, 0);
            Volatile.Write(ref _old, Interlocked.Exchange(ref _young, new(StringComparer.Ordinal)));
        }
    }
}
