using System.Text.Json.Serialization;
using Fido2NetLib;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>The answers of authenticators, as browsers write them.</summary>
[JsonSerializable(typeof(AuthenticatorAttestationRawResponse))]
[JsonSerializable(typeof(AuthenticatorAssertionRawResponse))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
