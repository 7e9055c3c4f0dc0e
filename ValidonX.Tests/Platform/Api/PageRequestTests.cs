using Microsoft.AspNetCore.Http;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.Platform.Api;

public sealed class PageRequestTests
{
    [Theory]
    [InlineData("", 25)]
    [InlineData("?limit=1", 1)]
    [InlineData("?limit=100", 100)]
    [InlineData("?limit=7&unknown=x", 7)]
    public void A_limit_is_1_to_100_and_25_when_absent(string query, int limit)
    {
        Assert.Equal(new PageRequest(limit, null), PageRequest.From(With(query)));
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=101", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=+5", "limit")]
    [InlineData("?limit=", "limit")]
    [InlineData("?limit=1e2", "limit")]
    [InlineData("?limit=99999999999999999999", "limit")]
    [InlineData("?cursor=x", "cursor")]
    [InlineData("?cursor=%00%ff", "cursor")]
    [InlineData("?cursor=MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD", "cursor")]
    [InlineData("?limit=x&cursor=x", "cursor,limit")]
    public void Anything_else_is_refused_with_all_bad_fields(string query, string fields)
    {
        var refused = Assert.Throws<ApiException>(() => PageRequest.From(With(query)));

        Assert.Equal(422, refused.Error.Status);
        Assert.Equal(fields, string.Join(',', refused.Error.Details.Keys));
    }

    [Fact]
    public void A_page_is_followed_by_the_next_one_until_the_last()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToList();
        var first = PageRequest.From(With("?limit=2"));

        var (items, cursor) = first.Cut(ids.Take(first.Limit + 1).ToList(), id => id);

        Assert.Equal(ids.Take(2), items);
        Assert.Equal(new PageRequest(2, ids[1]), PageRequest.From(With($"?limit=2&cursor={cursor}")));
        Assert.Null(first.Cut(ids.TakeLast(2).ToList(), id => id).NextCursor);
    }

    private static DefaultHttpContext With(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        return context;
    }
}
