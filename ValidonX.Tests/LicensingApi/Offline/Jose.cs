using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>Verifies what ValidonX signs with two libraries that know nothing of it and of each other: Microsoft.IdentityModel and jose-jwt.</summary>
internal static class Jose
{
    /// <summary>The claims, when both accept the signature by a key of the set; <see langword="null"/> when both do not.</summary>
    public static JsonObject? Verify(string jws, string keys, string type)
    {
        var (ours, theirs) = (ByIdentityModel(jws, keys, type), ByJoseJwt(jws, keys, type));
        Assert.Equal(ours, theirs);
        return ours is null ? null : JsonNode.Parse(ours)!.AsObject();
    }

    /// <summary>Decrypts a license file's content; <see langword="null"/> when the license key is another one.</summary>
    public static string? Decrypt(string jwe, string licenseKey, string licenseId)
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(licenseKey), 32, Encoding.UTF8.GetBytes(licenseId), "validonx-license-file"u8.ToArray());
        var (byLibrary, byHand) = (ByJoseJwt(jwe, key), ByHand(jwe, key));
        Assert.Equal(byLibrary, byHand);
        return byLibrary;
    }

    /// <summary>A member of a JWS' header.</summary>
    public static string? Header(string jws, string name) => (string?)JsonNode.Parse(Base64Url.DecodeFromChars(jws.Split('.')[0]))![name];

    private static string? ByIdentityModel(string jws, string keys, string type)
    {
        var parameters = new TokenValidationParameters
        {
            IssuerSigningKeys = new Microsoft.IdentityModel.Tokens.JsonWebKeySet(keys).GetSigningKeys(),
            ValidTypes = [type],
            ValidAlgorithms = ["ES256"],
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        };
        var result = new JsonWebTokenHandler().ValidateTokenAsync(jws, parameters).GetAwaiter().GetResult();
        return result.IsValid ? JsonNode.Parse(Base64UrlEncoder.Decode(((JsonWebToken)result.SecurityToken).EncodedPayload))!.ToJsonString() : null;
    }

    private static string? ByJoseJwt(string jws, string keys, string type)
    {
        try
        {
            var headers = global::Jose.JWT.Headers(jws);
            if ((string)headers["typ"] != type || (string)headers["alg"] != "ES256")
            {
                return null;
            }

            var key = global::Jose.JwkSet.FromJson(keys, global::Jose.JWT.DefaultSettings.JsonMapper).FirstOrDefault(one => one.KeyId == (string)headers["kid"]);
            return key is null ? null : JsonNode.Parse(global::Jose.JWT.Decode(jws, key, global::Jose.JwsAlgorithm.ES256))!.ToJsonString();
        }
        catch (Exception forged) when (forged is global::Jose.JoseException or CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string? ByJoseJwt(string jwe, byte[] key)
    {
        try
        {
            return global::Jose.JWT.Decode(jwe, key, global::Jose.JweAlgorithm.DIR, global::Jose.JweEncryption.A256GCM);
        }
        catch (global::Jose.JoseException)
        {
            return null;
        }
    }

    /// <summary>As RFC 7516 says, with what the framework has.</summary>
    private static string? ByHand(string jwe, byte[] key)
    {
        var parts = jwe.Split('.');
        Assert.Equal(("dir", "A256GCM", ""), (Header(jwe, "alg"), Header(jwe, "enc"), parts[1]));
        var cipher = Base64Url.DecodeFromChars(parts[3]);
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(key, 16);
        try
        {
            aes.Decrypt(Base64Url.DecodeFromChars(parts[2]), cipher, Base64Url.DecodeFromChars(parts[4]), plain, Encoding.ASCII.GetBytes(parts[0]));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
