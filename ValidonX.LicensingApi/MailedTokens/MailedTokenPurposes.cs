namespace ValidonX.LicensingApi.MailedTokens;

/// <summary>What a mailed token is for: <c>mailed_tokens.purpose</c>. It is good for nothing else.</summary>
internal static class MailedTokenPurposes
{
    /// <summary>Proves the address of a registration, the token's subject.</summary>
    public const string Verify = "verify";

    /// <summary>Sets a new password of a user, the token's subject.</summary>
    public const string Reset = "reset";
}
