using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>What an issuer told of itself and its keys, at one time.</summary>
/// <param name="Configuration">Its endpoints.</param>
/// <param name="FetchedAt">When.</param>
public sealed record IssuerKeySet(OpenIdConnectConfiguration Configuration, DateTimeOffset FetchedAt)
{
    private const int LeastRsaBits = 2048;

    /// <summary>The keys that are good for signatures that only the issuer can make: no shared secrets, no short RSA.</summary>
    public IReadOnlyList<SecurityKey> Keys { get; } =
        [.. Configuration.SigningKeys.Where(key => key is RsaSecurityKey or X509SecurityKey ? key.KeySize >= LeastRsaBits : key is ECDsaSecurityKey or JsonWebKey { Kty: "EC" })];

    /// <summary>The keys that a token can be signed with; without a key id only the one there is.</summary>
    public IEnumerable<SecurityKey> Named(string? keyId) =>
        string.IsNullOrEmpty(keyId) ? Keys.Count == 1 ? Keys : [] : Keys.Where(key => string.Equals(key.KeyId, keyId, StringComparison.Ordinal));
}
