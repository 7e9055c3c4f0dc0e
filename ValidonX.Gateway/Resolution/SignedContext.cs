using ValidonX.Gateway.Headers;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;

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

    /// <summary>The header's value for one request of a caller who is not remembered.</summary>
    /// <param name="caller">Who calls; how, by which route and from where the request says.</param>
    /// <param name="context">The request.</param>
    /// <param name="route">The route that it was judged as.</param>
    /// <param name="signer">Signs it.</param>
    /// <param name="time">From when it lives.</param>
    public static string Once(CallerContext caller, HttpContext context, ApiRoute route, CallerContextSigner signer, TimeProvider time) =>
        new SignedContext(caller with { Route = route.Name, Method = context.Request.Method, ClientAddress = ClientAddress.Of(context).ToString() }, signer, time).Header;

    private string Sign()
    {
        var renewAt = time.GetTimestamp() + (long)(Life.TotalSeconds / 2 * time.TimestampFrequency);
        var header = signer.Sign(caller with { ExpiresAt = time.GetUtcNow().ToUnixTimeSeconds() + (long)Life.TotalSeconds });
        Volatile.Write(ref _signed, new Signed(header, renewAt));
        return header;
    }

    private sealed record Signed(string Header, long RenewAt);
}
