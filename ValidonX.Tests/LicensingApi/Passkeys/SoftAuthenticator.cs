using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Passkeys;

/// <summary>
/// A browser with an authenticator, in software (WebAuthn §6): one discoverable ES256 credential. What a test wants wrong is set before it answers.
/// </summary>
internal sealed class SoftAuthenticator : IDisposable
{
    private const byte UserPresent = 1;
    private const byte UserVerified = 4;
    private const byte HasCredential = 64;

    /// <summary>The page that it claims to be at, until a test says otherwise.</summary>
    public const string UsualOrigin = "http://localhost:5080";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private byte[] _userHandle = [];

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);

    public string Origin { get; set; } = UsualOrigin;

    public string RelyingParty { get; set; } = "localhost";

    public bool VerifiesUser { get; set; } = true;

    public uint Counter { get; set; } = 1;

    public byte[]? OtherHandle { get; set; }

    /// <summary>What <c>navigator.credentials.create</c> gives.</summary>
    public JsonObject Create(JsonNode options)
    {
        _userHandle = Decode((string)options["user"]!["id"]!);
        var client = ClientData("webauthn.create", (string)options["challenge"]!);
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        byte[] coseKey = [0xA5, .. Int(1), .. Int(2), .. Int(3), .. Int(-7), .. Int(-1), .. Int(1), .. Int(-2), .. Bytes(point.X!), .. Int(-3), .. Bytes(point.Y!)];
        byte[] credential = [.. new byte[16], (byte)(CredentialId.Length >> 8), (byte)CredentialId.Length, .. CredentialId, .. coseKey];
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), .. Bytes([.. AuthenticatorData(HasCredential), .. credential])];
        return Answer(new JsonObject { ["clientDataJSON"] = Encode(client), ["attestationObject"] = Encode(attestation) });
    }

    /// <summary>What <c>navigator.credentials.get</c> gives.</summary>
    public JsonObject Get(JsonNode options)
    {
        var client = ClientData("webauthn.get", (string)options["challenge"]!);
        var data = AuthenticatorData(0);
        var signature = _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Encode(client),
            ["authenticatorData"] = Encode(data),
            ["signature"] = Encode(signature),
            ["userHandle"] = Encode(OtherHandle ?? _userHandle),
        });
    }

    public void Dispose() => _key.Dispose();

    private JsonObject Answer(JsonObject response) =>
        new() { ["id"] = Encode(CredentialId), ["rawId"] = Encode(CredentialId), ["type"] = "public-key", ["response"] = response, ["clientExtensionResults"] = new JsonObject() };

    private byte[] ClientData(string type, string challenge) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["challenge"] = challenge, ["origin"] = Origin, ["crossOrigin"] = false }.ToJsonString());

    private byte[] AuthenticatorData(byte flags)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, Counter);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty)), (byte)(flags | UserPresent | (VerifiesUser ? UserVerified : 0)), .. counter];
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);

    // As much CBOR (RFC 8949) as that takes.
    private static byte[] Int(int value) => value >= 0 ? Head(0, value) : Head(1, -1 - value);

    private static byte[] Bytes(byte[] bytes) => [.. Head(2, bytes.Length), .. bytes];

    private static byte[] Text(string text) => [.. Head(3, text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Head(int major, int value) =>
        value < 24 ? [(byte)((major << 5) | value)]
        : value < 256 ? [(byte)((major << 5) | 24), (byte)value]
        : [(byte)((major << 5) | 25), (byte)(value >> 8), (byte)value];
}
