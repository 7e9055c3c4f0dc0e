using Aspire.Hosting.ApplicationModel;

namespace ValidonX.Tests.NativeHosting;

public sealed class ResourceNameTests
{
    [Theory]
    [InlineData("gateway")]
    [InlineData("licensing-api")]
    [InlineData("mysql-2")]
    [InlineData("A1")]
    public void Letters_digits_and_single_hyphens_make_a_name(string name) =>
        Assert.Equal(name, new ExecutableResource(name, "true", "/").Name);

    [Theory]
    [InlineData("")]
    [InlineData("2nd")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a--b")]
    [InlineData("a_b")]
    [InlineData("a b")]
    [InlineData("größe")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Anything_else_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new ExecutableResource(name, "true", "/"));
}
