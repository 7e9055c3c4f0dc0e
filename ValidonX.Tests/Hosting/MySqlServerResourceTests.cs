using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.MySql;

namespace ValidonX.Tests.Hosting;

public sealed class MySqlServerResourceTests
{
    private static readonly MySqlServerResource Server = new("mysql", new ParameterResource("password", _ => ""));

    [Fact]
    public void A_password_cannot_break_out_of_its_quotes() =>
        Assert.Contains(@"IDENTIFIED BY 'a\'b\\c';", Server.InitStatements(@"a'b\c"), StringComparison.Ordinal);

    [Fact]
    public void A_password_over_several_lines_is_refused() =>
        Assert.Throws<DistributedApplicationException>(() => Server.InitStatements("a\nb"));
}
