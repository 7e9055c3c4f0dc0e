using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Fido2NetLib;
using Fido2NetLib.Exceptions;
using Fido2NetLib.Objects;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Challenges;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>A challenge that was given out, for one thing.</summary>
/// <param name="For">What the answer does: makes a passkey, or signs a user or an operator in.</param>
/// <param name="Challenge">The challenge, base64url.</param>
/// <param name="ExpiresAt">When it is too late.</param>
internal sealed record BegunCeremony(string For, string Challenge, DateTimeOffset ExpiresAt);

/// <summary>
/// What passkeys are asked and how their answers are checked (WebAuthn Level 3), for users and operators alike. A passkey is found by itself (discoverable) and always verifies the
/// person, by a finger, a face or a PIN; so it is two factors in one. Challenges are sealed and kept by who asked.
/// </summary>
internal sealed class PasskeyCeremonies(SecretSealer sealer, IOptions<PasskeyOptions> options, TimeProvider time)
{
    /// <summary>The answer makes a passkey.</summary>
    public const string Registration = "register";

    private const int ChallengeBytes = 32;
    private const int HandleBytes = 17;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>What every authenticator has, or at least one of the two.</summary>
    private static readonly PubKeyCredParam[] Algorithms = [new(COSE.Algorithm.ES256), new(COSE.Algorithm.RS256)];

    private readonly Fido2Configuration _configuration = options.Value.ToConfiguration();

    /// <summary>Asks for a new passkey of an account.</summary>
    public PasskeyQuestion AskForNew(AccountOwner owner, string email, string name, IEnumerable<byte[]> existing)
    {
        var (challenge, begun) = Begin(Registration);
        return new PasskeyQuestion(new RawJson(NewOptions(owner, challenge, email, name, existing).ToJson()), Seal(begun, owner.Id), begun.ExpiresAt);
    }

    /// <summary>Asks for a passkey of whoever it is.</summary>
    public PasskeyQuestion AskForAny(string ownerType)
    {
        var (challenge, begun) = Begin(ownerType);
        return new PasskeyQuestion(new RawJson(AnyOptions(challenge).ToJson()), Seal(begun, Guid.Empty), begun.ExpiresAt);
    }

    /// <summary>Opens a challenge that comes back; <see langword="null"/> when it is none of ours, for something or somebody else, or too old.</summary>
    public BegunCeremony? Open(string sealedText, string isFor, Guid owner) =>
        SealedText.Open(sealer, sealedText, LicensingJson.Default.BegunCeremony, SealedPurposes.PasskeyCeremony) is var (boundTo, begun)
        && boundTo == owner && begun.For == isFor && begun.ExpiresAt > time.GetUtcNow()
            ? begun
            : null;

    /// <summary>Checks a new passkey; <see langword="null"/> when it does not answer the challenge.</summary>
    public async Task<RegisteredPublicKeyCredential?> CheckNewAsync(AccountOwner owner, BegunCeremony begun, RawJson credential, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(credential.Text, PasskeyJson.Default.AuthenticatorAttestationRawResponse) is not { } response ? null
                : await Library().MakeNewCredentialAsync(
                    new MakeNewCredentialParams
                    {
                        AttestationResponse = response,
                        OriginalOptions = NewOptions(owner, Base64Url.DecodeFromChars(begun.Challenge), "", "", []),
                        // The table's unique key says so, when it is stored.
                        IsCredentialIdUniqueToUserCallback = static (_, _) => Task.FromResult(true),
                    },
                    cancellationToken);
        }
        catch (Exception unreadable) when (IsOfTheAnswer(unreadable))
        {
            return null;
        }
    }

    /// <summary>Reads which passkey answers, and for whom it says it is; <see langword="null"/> when it cannot be read.</summary>
    public static AuthenticatorAssertionRawResponse? Read(RawJson credential)
    {
        try
        {
            var read = JsonSerializer.Deserialize(credential.Text, PasskeyJson.Default.AuthenticatorAssertionRawResponse);
            return read is { RawId.Length: > 0 and <= PasskeyRow.MaximumIdLength, Response.UserHandle.Length: HandleBytes } ? read : null;
        }
        catch (Exception unreadable) when (IsOfTheAnswer(unreadable))
        {
            return null;
        }
    }

    /// <summary>Checks an answer against the passkey that it names.</summary>
    public async Task<(VerifyAssertionResult? Result, bool IsCopy)> CheckAsync(
        BegunCeremony begun, AuthenticatorAssertionRawResponse response, PasskeyRow passkey, CancellationToken cancellationToken)
    {
        if (!CryptographicOperations.FixedTimeEquals(response.Response.UserHandle, HandleOf(passkey.Owner)))
        {
            return (null, false);
        }

        try
        {
            return (
                await Library().MakeAssertionAsync(
                    new MakeAssertionParams
                    {
                        AssertionResponse = response,
                        OriginalOptions = AnyOptions(Base64Url.DecodeFromChars(begun.Challenge)),
                        StoredPublicKey = passkey.PublicKey,
                        StoredSignatureCounter = (uint)passkey.SignCount,
                        IsUserHandleOwnerOfCredentialIdCallback = static (_, _) => Task.FromResult(true),
                    },
                    cancellationToken),
                false);
        }
        catch (Exception wrong) when (IsOfTheAnswer(wrong))
        {
            return (null, wrong is Fido2VerificationException { Code: Fido2ErrorCode.InvalidSignCount });
        }
    }

    /// <summary>As whom authenticators know an account: its kind and its id, nothing that tells who it is.</summary>
    private static byte[] HandleOf(AccountOwner owner) => [(byte)(owner.Type == TokenOwners.User ? 'u' : 'o'), .. owner.Id.ToByteArray(bigEndian: true)];

    /// <summary>The library says in many ways that bytes of a stranger are not what they should be.</summary>
    private static bool IsOfTheAnswer(Exception failure) => failure is not OperationCanceledException;

    private static CredentialCreateOptions NewOptions(Fido2Configuration configuration, Fido2User user, byte[] challenge, IEnumerable<byte[]> existing) =>
        CredentialCreateOptions.Create(
            configuration,
            challenge,
            user,
            new AuthenticatorSelection { ResidentKey = ResidentKeyRequirement.Required, UserVerification = UserVerificationRequirement.Required },
            AttestationConveyancePreference.None,
            [.. existing.Select(id => new PublicKeyCredentialDescriptor(id))],
            new AuthenticationExtensionsClientInputs(),
            Algorithms);

    private CredentialCreateOptions NewOptions(AccountOwner owner, byte[] challenge, string email, string name, IEnumerable<byte[]> existing) =>
        NewOptions(_configuration, new Fido2User { Id = HandleOf(owner), Name = email, DisplayName = name }, challenge, existing);

    private AssertionOptions AnyOptions(byte[] challenge) =>
        AssertionOptions.Create(_configuration, challenge, [], UserVerificationRequirement.Required, new AuthenticationExtensionsClientInputs());

    private Fido2 Library() => new(_configuration, null);

    private (byte[] Challenge, BegunCeremony Begun) Begin(string isFor)
    {
        var challenge = RandomNumberGenerator.GetBytes(ChallengeBytes);
        return (challenge, new BegunCeremony(isFor, Base64Url.EncodeToString(challenge), time.GetUtcNow() + Life));
    }

    private string Seal(BegunCeremony begun, Guid owner) => SealedText.Of(sealer, begun, LicensingJson.Default.BegunCeremony, SealedPurposes.PasskeyCeremony, owner);
}
