using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Gateway.SignIn;

/// <summary>
/// Names for accounts and networks in Redis: keyed hashes, so that who reads Redis learns neither an e-mail address nor an IP address by trying.
/// </summary>
internal sealed class SignInNames(IOptions<PlatformSecrets> secrets)
{
    private const int Bytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256,
        Encoding.UTF8.GetBytes(secrets.Value.ApiKeyPepper!),
        32,
        info: "validonx/sign-in/v1"u8.ToArray());

    /// <summary>The name of a thing of this kind.</summary>
    /// <param name="kind">Keeps equal texts of different kinds apart.</param>
    /// <param name="parts">What it is; none has a line feed.</param>
    public string Of(string kind, params ReadOnlySpan<string> parts) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind}\n{string.Join('\n', parts)}")).AsSpan(0, Bytes));
}
