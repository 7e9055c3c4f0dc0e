using System.Text;
using Microsoft.AspNetCore.Http;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.Platform.Api;

/// <summary>Whatever a caller sends as a body is read or refused with the right status.</summary>
public sealed class RequestBodyTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{a:1}")]
    public void What_is_no_JSON_object_is_400(string json) => AssertRefused(400, () => Parse(json));

    [Fact]
    public void Nesting_beyond_reason_is_400() => AssertRefused(400, () => Parse("{\"a\":" + new string('[', 5000) + new string(']', 5000) + "}"));

    [Fact]
    public void Bad_UTF8_is_400() => AssertRefused(400, () => RequestBody.Parse(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }));

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("", 415)]
    [InlineData("application/json", 0)]
    [InlineData("application/json; charset=\"utf-8\"", 0)]
    [InlineData("application/vnd.x+json; charset=UTF-8", 0)]
    public async Task Only_JSON_in_UTF8_is_read(string contentType, int status)
    {
        var context = Request("{\"a\":1}");
        context.Request.ContentType = contentType;

        if (status == 0)
        {
            Assert.Equal(1, (await RequestBody.ReadAsync(context)).Root.GetProperty("a").GetInt32());
        }
        else
        {
            Assert.Equal(status, (await Assert.ThrowsAsync<ApiException>(() => RequestBody.ReadAsync(context))).Error.Status);
        }
    }

    [Fact]
    public async Task An_absent_body_is_400_where_one_is_needed_and_empty_where_not()
    {
        Assert.Equal(400, (await Assert.ThrowsAsync<ApiException>(() => RequestBody.ReadAsync(Request("")))).Error.Status);
        Assert.Empty((await RequestBody.ReadAsync(Request(""), optional: true)).Root.EnumerateObject());
    }

    private static RequestBody Parse(string json) => RequestBody.Parse(Encoding.UTF8.GetBytes(json));

    private static void AssertRefused(int status, Action read) => Assert.Equal(status, Assert.Throws<ApiException>(read).Error.Status);

    private static DefaultHttpContext Request(string body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Request.ContentLength = context.Request.Body.Length;
        return context;
    }
}
