using System.Security.Cryptography;
using System.Text;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>The <c>Idempotency-Key</c> of a request (alias <c>X-Idempotency-Key</c>), as the hash that is stored.</summary>
/// <param name="Hash">SHA-256 of the key.</param>
internal sealed record IdempotencyKey(byte[] Hash)
{
    /// <summary>On an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const string Header = "Idempotency-Key";
    private const string Alias = "X-Idempotency-Key";
    private const int MaximumLength = 255;

    /// <summary>The request's key, if it has one.</summary>
    /// <exception cref="ApiException">422: it is empty, longer than 255 characters, or there are several.</exception>
    public static IdempotencyKey? Of(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            values = request.Headers[Alias];
        }

        if (values.Count == 0)
        {
            return null;
        }

        return values is [{ Length: > 0 and <= MaximumLength } key]
            ? new IdempotencyKey(SHA256.HashData(Encoding.UTF8.GetBytes(key)))
            : throw new ApiException(ApiErrors.ValidationFailed(Header, "Must be one value of 1 to 255 characters."));
    }
}
