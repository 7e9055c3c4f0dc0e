using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace ValidonX.Tests.Provisioner.Webhooks;

/// <summary>Verifies deliveries as the documentation tells a receiver to, with none of the platform's code.</summary>
internal static class Signatures
{
    /// <summary>Whether one of the <c>v1</c> signatures is made with the secret.</summary>
    public static bool IsGood(Received received, string secret) => Of(received, "v1").Any(signature => CryptographicOperations.FixedTimeEquals(
        Convert.FromBase64String(signature), HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Signed(received))));

    /// <summary>Whether one of the <c>v1a</c> signatures is made with the key.</summary>
    public static bool IsGoodByKey(Received received, string publicKey)
    {
        var key = PublicKey.Import(SignatureAlgorithm.Ed25519, Convert.FromBase64String(publicKey["whpk_".Length..]), KeyBlobFormat.RawPublicKey);
        return Of(received, "v1a").Any(signature => SignatureAlgorithm.Ed25519.Verify(key, Signed(received), Convert.FromBase64String(signature)));
    }

    /// <summary>Whether the plain signature is made with the secret.</summary>
    public static bool IsGoodPlainly(Received received, string secret, string header = "x-validonx-signature") =>
        received.Headers.GetValueOrDefault(header) == Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(received.Body)));

    public static int Count(Received received) => received.Headers["webhook-signature"].Split(' ').Length;

    private static IEnumerable<string> Of(Received received, string kind) =>
        received.Headers["webhook-signature"].Split(' ').Where(one => one.StartsWith($"{kind},", StringComparison.Ordinal)).Select(one => one[(kind.Length + 1)..]);

    private static byte[] Signed(Received received) => Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}.{received.Body}");
}
