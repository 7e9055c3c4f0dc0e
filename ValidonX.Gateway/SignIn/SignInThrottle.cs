using Microsoft.Extensions.Options;
using ValidonX.Gateway.Limits;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Routes;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.SignIn;

/// <summary>
/// How often passwords may be tried (CONTRACT §4), over all gateways: 5 times a minute for an account, and less narrowly for a network. A network
/// from which the account was signed in to lately has five tries of its own, so that strangers who use up theirs never lock the owner out
/// there; everywhere else they do for at most their window. See docs/decisions/0013-identity.md.
/// </summary>
internal sealed class SignInThrottle(LeaseEngine engine, SignInNames names, KnownNetworks known, IOptions<SignInOptions> options)
{
    /// <summary>Names the policy of a network's tries; that of an account's is <see cref="PolicyNames.Login"/>.</summary>
    public const string OfNetworks = "loginnetwork";

    /// <summary>Names the policy of all strangers' tries.</summary>
    public const string OfStrangers = "loginstrangers";

    /// <summary>Names the policy of the mails that strangers can have sent to one address.</summary>
    public const string OfMails = "loginmail";

    /// <summary>Names the policy of codes of the second factor, for somebody signed in.</summary>
    public const string OfCodes = "logincode";

    /// <summary>Names the policy of all that strangers try at one tenant's customers.</summary>
    public const string OfCustomers = "logincustomers";

    private const string Scope = "platform";

    private static readonly QuotaWindow Minute = QuotaWindow.OfSeconds(60);
    private static readonly RateLimitPolicy PerAccount = new(PolicyNames.Login, 5, Minute);
    private static readonly RateLimitPolicy PerSecondFactor = new(OfCodes, 10, Minute);
    private static readonly RateLimitPolicy PerTenant = new(OfCustomers, 300, Minute);
    private static readonly RateLimitPolicy PerMailbox = new(OfMails, 5, Minute);

    private readonly RateLimitPolicy _perNetwork = new(OfNetworks, options.Value.PerNetwork, Minute);
    private readonly RateLimitPolicy _strangers = new(OfStrangers, options.Value.Strangers, Minute);

    /// <summary>What limits a network that has had its tries, which is all that has to be known of a further one; else <see langword="null"/>.</summary>
    public RateLimitLayers? Exhausted(SignInAttempt attempt, string network) =>
        OfNetwork(attempt, network) is var partition && engine.IsExhausted(partition) ? new RateLimitLayers(partition) : null;

    /// <summary>Whether an attempt will be refused.</summary>
    public bool IsExhausted(RateLimitLayers layers) => layers.All.Any(engine.IsExhausted);

    /// <summary>
    /// What limits one attempt, the widest first: an attempt that a wider limit is known to refuse leaves no trace of its account, so that the
    /// accounts remembered in a window are hardly more than the attempts let through.
    /// </summary>
    /// <param name="route">What is tried. Who has mails of one kind sent to an address uses up neither the tries of its password nor the mails of another kind.</param>
    /// <param name="account">Whose account; none when the body names none, which costs the licensing API no hash.</param>
    /// <param name="network">Where from.</param>
    public async ValueTask<RateLimitLayers> LayersOfAsync(ApiRoute route, EmailAddress? account, string network)
    {
        var ofNetwork = OfNetwork(route.Attempt, network);
        if (account is not { } tried || route.Attempt is SignInAttempt.MailedToken or SignInAttempt.Assertion)
        {
            return new RateLimitLayers(ofNetwork);
        }

        if (route.Attempt == SignInAttempt.Mail)
        {
            return new RateLimitLayers(ofNetwork, Partition(_strangers, names.Of("everyone")), Partition(PerMailbox, names.Of("mailbox", route.Name, tried.Value)));
        }

        return await known.ContainsAsync(tried, network)
            ? new RateLimitLayers(ofNetwork, Partition(PerAccount, names.Of("account", tried.Value, network)))
            : new RateLimitLayers(ofNetwork, Partition(_strangers, names.Of("everyone")), Partition(PerAccount, names.Of("account", tried.Value)));
    }

    /// <summary>What limits somebody signed in who states the current password or a code of the second factor: the holder of a stolen token guesses no faster.</summary>
    public RateLimitLayers LayersOf(LimitedEndpoint guessed, Guid userId) =>
        new(guessed == LimitedEndpoint.SecondFactor ? Partition(PerSecondFactor, names.Of("code", userId.ToString())) : Partition(PerAccount, names.Of("user", userId.ToString())));

    /// <summary>
    /// What limits who wants to be let in as a tenant's customer. How often a license's code is mailed and tried the licensing API limits, which knows the license; here it is what a network,
    /// and all of them together, can have it do.
    /// </summary>
    public RateLimitLayers LayersOfCustomer(SignInAttempt attempt, Guid tenantId, string network) =>
        new(OfNetwork(attempt, network), Partition(PerTenant, names.Of("customers", attempt.ToString(), tenantId.ToString())));

    /// <summary>Each kind of attempt has its own: who has forgotten a password has used up tries of it as a rule.</summary>
    private LeasedPartition OfNetwork(SignInAttempt attempt, string network) =>
        Partition(_perNetwork, attempt == SignInAttempt.Password ? names.Of("network", network) : names.Of("network", attempt.ToString(), network));

    private LeasedPartition Partition(RateLimitPolicy policy, string name) => engine.GetPartition(Scope, policy, name);
}
