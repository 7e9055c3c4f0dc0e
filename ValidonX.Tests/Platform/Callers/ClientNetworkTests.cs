using ValidonX.Platform.Callers;

namespace ValidonX.Tests.Platform.Callers;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64")]
    [InlineData("2001:DB8:1:2:0:0:0:9", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "fe80::/64")]
    [InlineData("::1", "::/64")]
    [InlineData("nonsense", "")]
    [InlineData(null, "")]
    public void Callers_are_told_apart_by_what_one_of_them_commands(string? address, string network) => Assert.Equal(network, ClientNetwork.Of(address));
}
