using ValidonX.Platform.Callers;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// A caller's context, signed and ready to send. A signature lives for a minute and is replaced at half of that, by whichever request
/// comes first, so that the warm path signs nothing.
/// </summary>
internal sealed class SignedContext(CallerContext caller, CallerContextSigner signer, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    private Signed? _signed;

    /// <summary>The header's value, good for at least half a minute.</summary>
    public string Header => Volatile.Read(ref _signed) is { } signed && time.GetTimestamp() < signed.RenewAt ? signed.Header : Sign();

    private string Sign()
    {
        var renewAt = time.GetTimestamp() + (long)(Life.TotalSeconds / 2 * time.TimestampFrequency);
        var header = signer.Sign(caller with { ExpiresAt = time.GetUtcNow().ToUnixTimeSeconds() + (long)Life.TotalSeconds });
        Volatile.Write(ref _signed, new Signed(header, renewAt));
        return header;
    }

    private sealed record Signed(string Header, long RenewAt);
}
