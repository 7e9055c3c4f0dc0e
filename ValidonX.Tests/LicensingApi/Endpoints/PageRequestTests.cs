using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.LicensingApi.Endpoints;

public sealed class PageRequestTests
{
    [Theory]
    [InlineData("", 25)]
    [InlineData("?limit=1", 1)]
    [InlineData("?limit=100", 100)]
    [InlineData("?limit=7&unknown=x", 7)]
    [InlineData("?limit=", 25)]
    public async Task A_limit_is_1_to_100_and_25_when_absent(string query, int limit)
    {
        Assert.Equal(new PageRequest(limit, null), await ReadAsync(query));
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=101", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=+5", "limit")]
    [InlineData("?limit=1e2", "limit")]
    [InlineData("?limit=99999999999999999999", "limit")]
    [InlineData("?cursor=x", "cursor")]
    [InlineData("?cursor=%00%ff", "cursor")]
    [InlineData("?cursor=MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD", "cursor")]
    [InlineData("?limit=x&cursor=x", "cursor,limit")]
    public async Task Anything_else_is_refused_with_all_bad_fields(string query, string fields)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => ReadAsync(query));

        Assert.Equal(422, refused.Error.Status);
        Assert.Equal(fields, string.Join(',', refused.Error.Details.Keys));
    }

    [Fact]
    public async Task A_page_is_followed_by_the_next_one_until_the_last()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToList();
        var first = await ReadAsync("?limit=2");

        var (items, cursor) = first.Cut(ids.Take(first.Limit + 1).ToList(), id => id);

        Assert.Equal(ids.Take(2), items);
        Assert.Equal(new PageRequest(2, ids[1]), await ReadAsync($"?limit=2&cursor={cursor}"));
        Assert.Null(first.Cut(ids.TakeLast(2).ToList(), id => id).NextCursor);
    }

    private static async Task<PageRequest> ReadAsync(string query)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider() };
        context.Request.QueryString = new QueryString(query);
        return (await Query<ListQuery>.BindAsync(context, null!))!.Value.Page();
    }
}
