namespace ValidonX.Gateway.SignIn;

/// <summary>Configuration section <c>Gateway:SignIn</c>: how many sign-ins a minute all gateways together let through to the licensing API.</summary>
internal sealed class SignInOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Gateway:SignIn";

    /// <summary>From one network (an IPv4 address, an IPv6 /64), whatever the accounts; as many again of requests for mails, and of tokens out of mails.</summary>
    public long PerNetwork { get; set; } = 30;

    /// <summary>
    /// From networks from which the account was not signed in to lately, all together. It bounds what a flood from everywhere can make the
    /// licensing API hash and the limiter remember, and lies below what the API can hash, so that the sign-ins of known networks get through.
    /// </summary>
    public long Strangers { get; set; } = 600;
}
