using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>Reads out of a token what is kept of its subject.</summary>
public static class ClaimedUsers
{
    private const int MaximumEmailLength = 254;

    /// <summary>The subject, with the role that the token gives under these settings.</summary>
    public static ClaimedUser Of(VerifiedToken token, SignOnSettings settings, TenantRole role) =>
        new()
        {
            Subject = token.Subject,
            Version = settings.Version,
            Role = role,
            IssuedAt = token.IssuedAt.ToUnixTimeSeconds(),
            Name = NameOf(token),
            Email = EmailOf(token),
        };

    /// <summary>What the issuer calls the subject.</summary>
    public static string? NameOf(VerifiedToken token) =>
        Claims.Text(token.Payload, "name", ClaimedUser.MaximumNameLength) ?? Claims.Text(token.Payload, "preferred_username", ClaimedUser.MaximumNameLength);

    /// <summary>The address that the issuer has of the subject.</summary>
    public static string? EmailOf(VerifiedToken token) => Claims.Text(token.Payload, "email", MaximumEmailLength);
}
