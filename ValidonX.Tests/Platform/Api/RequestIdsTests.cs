using Microsoft.AspNetCore.Http;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.Platform.Api;

public sealed class RequestIdsTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("!~[]{}\"'")]
    public void A_sane_id_of_the_caller_is_kept(string id)
    {
        Assert.Equal(id, RequestIds.Of(With(id)));
    }

    [Fact]
    public void One_of_128_characters_is_kept_and_a_longer_one_is_not()
    {
        Assert.Equal(new string('x', 128), RequestIds.Of(With(new string('x', 128))));
        AssertNew(With(new string('x', 129)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("ä")]
    [InlineData("a\u007f")]
    public void Any_other_is_replaced(string id) => AssertNew(With(id));

    [Fact]
    public void Two_of_them_are_none() => AssertNew(With("a", "b"));

    private static void AssertNew(HttpContext context)
    {
        var id = RequestIds.Of(context);
        Assert.True(Guid.TryParseExact(id, "D", out _));
        Assert.Equal(id, RequestIds.Of(context));
        Assert.NotEqual(id, RequestIds.Of(new DefaultHttpContext()));
    }

    private static DefaultHttpContext With(params string[] ids)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[RequestIds.Header] = ids;
        return context;
    }
}
