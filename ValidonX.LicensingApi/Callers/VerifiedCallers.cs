using System.Collections.Concurrent;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.Callers;

/// <summary>
/// Callers by the signed header that proved them. The gateways send the same text for half a minute, so a warm request costs one look-up
/// instead of an HMAC and a JSON document. Only verified headers are kept, in two generations of bounded size: when the young one is
/// full it becomes the old one and the old one goes.
/// </summary>
internal sealed class VerifiedCallers(CallerContextSigner signer, TimeProvider time)
{
    private const int Generation = 16_384;

    private ConcurrentDictionary<string, Caller> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Caller> _old = new(StringComparer.Ordinal);
    private int _youngCount;

    /// <summary>The caller, or <see langword="null"/> when the header is absent, forged, damaged or expired.</summary>
    public Caller? Find(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return null;
        }

        if (Volatile.Read(ref _young).TryGetValue(header, out var caller))
        {
            return IsLive(caller) ? caller : null;
        }

        if (!Volatile.Read(ref _old).TryGetValue(header, out caller))
        {
            if (signer.Verify(header) is not { } context)
            {
                return null;
            }

            caller = new Caller(context);
        }

        if (!IsLive(caller))
        {
            return null;
        }

        Keep(header, caller);
        return caller;
    }

    private bool IsLive(Caller caller) => caller.Context.ExpiresAt > time.GetUtcNow().ToUnixTimeSeconds();

    private void Keep(string header, Caller caller)
    {
        if (Volatile.Read(ref _young).TryAdd(header, caller) && Interlocked.Increment(ref _youngCount) >= Generation)
        {
            // Two threads may turn at once; then one generation is forgotten early, which costs a verification.
            Interlocked.Exchange(ref _youngCount, 0);
            Volatile.Write(ref _old, Interlocked.Exchange(ref _young, new(StringComparer.Ordinal)));
        }
    }
}
