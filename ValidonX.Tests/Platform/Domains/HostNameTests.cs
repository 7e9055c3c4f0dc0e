using ValidonX.Platform.Domains;

namespace ValidonX.Tests.Platform.Domains;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("licenses.acme.example", "licenses.acme.example")]
    [InlineData(" Licenses.ACME.Example. ", "licenses.acme.example")]
    [InlineData("lizenzen.müller.example", "lizenzen.xn--mller-kva.example")]
    [InlineData("LIZENZEN.MÜLLER.example", "lizenzen.xn--mller-kva.example")]
    [InlineData("1.acme.example", "1.acme.example")]
    public void Every_spelling_of_a_host_is_one_host(string text, string canonical)
    {
        Assert.True(HostName.TryParse(text, out var host));
        Assert.Equal(canonical, host.Value);
        Assert.True(HostName.TryParse(host.Value, out var again));
        Assert.Equal(host, again);
        Assert.Equal($"_validonx.{canonical}", host.Record);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData(".acme.example")]
    [InlineData("acme..example")]
    [InlineData("acme.example..")]
    [InlineData("203.0.113.9")]
    [InlineData("acme.0")]
    [InlineData("[2001:db8::1]")]
    [InlineData("acme.example:8080")]
    [InlineData("https://acme.example")]
    [InlineData("acme.example/path")]
    [InlineData("user@acme.example")]
    [InlineData("*.acme.example")]
    [InlineData("_validonx.acme.example")]
    [InlineData("-acme.example")]
    [InlineData("acme .example")]
    public void What_is_no_host_of_the_dns_is_refused(string? text) => Assert.False(HostName.TryParse(text, out _));

    [Fact]
    public void A_host_leaves_room_for_the_record_that_proves_it()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 60), 3)) + "." + new string('a', 60);
        Assert.Equal(HostName.MaximumLength, longest.Length);
        Assert.True(HostName.TryParse(longest, out var host));
        Assert.True(host.Record.Length <= 253);
        Assert.False(HostName.TryParse($"a{longest}", out _));
    }

    [Theory]
    [InlineData("acme.example", true)]
    [InlineData("licenses.acme.example", true)]
    [InlineData("notacme.example", false)]
    public void A_domain_holds_itself_and_what_is_below_it(string text, bool isWithin)
    {
        Assert.True(HostName.TryParse(text, out var host));
        Assert.Equal(isWithin, host.IsWithin("acme.example"));
    }
}
