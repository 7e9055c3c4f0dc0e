using Microsoft.OpenApi;
using ValidonX.LicensingApi.Challenges;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>A passkey of the caller.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner knows it by.</param>
/// <param name="BackedUp">Whether it is kept on more than one device, as far as it says.</param>
/// <param name="LastUsedAt">When it was last used to sign in.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record ShownPasskey(Guid Id, [property: Example("My laptop")] string Name, bool BackedUp, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt);

/// <summary>What a browser is to ask a passkey.</summary>
/// <param name="Options">For `navigator.credentials`: `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` reads it.</param>
/// <param name="Ceremony">What has to be given back with the answer. It is good for nothing without it.</param>
/// <param name="ExpiresAt">When it is too late.</param>
internal sealed record PasskeyQuestion(
    [property: Shape(JsonSchemaType.Object)][property: Example("""{"challenge": "Xx2Hh0nD0yq1yS0aBf9mUw4TtV7kqP3rJ5cZ8eL6sNo", "rpId": "portal.validonx.example", "userVerification": "required"}""")] RawJson Options,
    [property: Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")] string Ceremony,
    DateTimeOffset ExpiresAt);

/// <summary>What proves that it is the account's owner who asks, and not somebody who found a page open.</summary>
internal sealed record PasskeyProof : IRequest
{
    static bool IRequest.IsOptional => true;

    /// <summary>The account's password, where it has one.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public string? Password { get; init; }

    /// <summary>A code of the second factor, or a recovery code, where the account has one.</summary>
    [Secret(64)]
    [Example("123456")]
    public string? Otp { get; init; }
}

/// <summary>A new passkey.</summary>
internal sealed record NewPasskey : IRequest
{
    /// <summary>What its owner will know it by.</summary>
    [Text(120)]
    [Example("My laptop")]
    public required string Name { get; init; }

    /// <summary>The `ceremony` of the question.</summary>
    [Secret(SealedText.MaximumLength)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Ceremony { get; init; }

    /// <summary>What `navigator.credentials.create` gave, as its `toJSON` has it.</summary>
    [Opaque(8 * 1024)]
    [Example("""{"id": "9tq4", "rawId": "9tq4", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}""")]
    public required RawJson Credential { get; init; }
}

/// <summary>Another name.</summary>
internal sealed record PasskeyName : IRequest
{
    /// <summary>What its owner knows it by.</summary>
    [Text(120)]
    [Example("My old laptop")]
    public required string Name { get; init; }
}

/// <summary>A passkey's answer, which says whose it is.</summary>
internal sealed record PasskeySignIn : IRequest
{
    /// <summary>The `ceremony` of the question.</summary>
    [Secret(SealedText.MaximumLength)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Ceremony { get; init; }

    /// <summary>What `navigator.credentials.get` gave, as its `toJSON` has it.</summary>
    [Opaque(8 * 1024)]
    [Example("""{"id": "9tq4", "rawId": "9tq4", "type": "public-key", "response": {"clientDataJSON": "e30", "authenticatorData": "oA", "signature": "MA", "userHandle": "dQ"}}""")]
    public required RawJson Credential { get; init; }
}
