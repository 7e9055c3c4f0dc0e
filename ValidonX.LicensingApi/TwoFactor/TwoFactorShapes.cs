using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>A new second factor, which counts once a code of it has been confirmed. It is shown in this answer only.</summary>
/// <param name="Secret">The secret in base 32, to be typed where no picture can be scanned.</param>
/// <param name="OtpauthUrl">The same as authenticator apps read it.</param>
/// <param name="QrSvg">The same as a picture to be scanned, an SVG document.</param>
internal sealed record NewSecondFactor(
    [property: Example("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")] string Secret,
    [property: Example("otpauth://totp/ValidonX:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ValidonX")] string OtpauthUrl,
    [property: Example("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")] string QrSvg);

/// <summary>New recovery codes. They are shown in this answer only.</summary>
/// <param name="RecoveryCodes">Ten codes, each of which does once instead of a code of the device.</param>
internal sealed record RecoveryCodesAnswer(IReadOnlyList<string> RecoveryCodes);

/// <summary>What proves that it is the account's owner who wants a second factor.</summary>
internal sealed record SecondFactorBeginning : IRequest
{
    static bool IRequest.IsOptional => true;

    /// <summary>The current password; not needed within five minutes after a sign-in.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public string? Password { get; init; }
}

/// <summary>A code of the second factor.</summary>
internal sealed record OneTimeCode : IRequest
{
    /// <summary>The six digits that the device shows or, once a second factor is on, a recovery code.</summary>
    [Secret(64)]
    [Example("123456")]
    public required string Otp { get; init; }
}
