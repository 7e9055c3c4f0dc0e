using System.Net;
using ValidonX.Platform.Outbound;

namespace ValidonX.Platform.Webhooks;

/// <summary>
/// Whether an address may be a receiver's, as far as its text tells. What its name leads to is looked at each time anew, when it is connected to: <see cref="GuardedConnections"/>.
/// </summary>
public static class WebhookAddress
{
    /// <summary>Most characters.</summary>
    public const int MaximumLength = 2_000;

    /// <summary>Names that no name server of the internet answers for (RFC 2606, 6761, 6762, 8375, and what clouds use).</summary>
    private static readonly string[] OwnNames = ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "test", "invalid"];

    /// <summary>What is wrong with it, in a sentence, or <see langword="null"/>.</summary>
    /// <param name="text">The address.</param>
    /// <param name="allowsLoopback">In development: also this machine, and over plain http.</param>
    /// <param name="address">What was read.</param>
    public static string? ProblemOf(string text, bool allowsLoopback, out Uri? address)
    {
        address = null;
        if (text.Length > MaximumLength || !Uri.TryCreate(text, UriKind.Absolute, out var read) || read.Host.Length == 0)
        {
            return "Must be an address such as https://example.com/webhooks.";
        }

        if (read.UserInfo.Length > 0 || read.Fragment.Length > 0)
        {
            return "Must not have a user name, a password or a fragment: deliveries are signed, and that is what proves where they come from.";
        }

        if (allowsLoopback && read.IsLoopback && (read.Scheme == Uri.UriSchemeHttp || read.Scheme == Uri.UriSchemeHttps))
        {
            address = read;
            return null;
        }

        if (read.Scheme != Uri.UriSchemeHttps)
        {
            return "Must begin with https://.";
        }

        if (!IsOfTheInternet(read))
        {
            return "Must lead to a host of the internet.";
        }

        address = read;
        return null;
    }

    private static bool IsOfTheInternet(Uri address)
    {
        if (address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            return IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal) && PublicAddress.Is(literal);
        }

        var host = address.IdnHost.TrimEnd('.');
        return address.HostNameType == UriHostNameType.Dns
            && host.Contains('.', StringComparison.Ordinal)
            && !OwnNames.Any(name => host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase));
    }
}
