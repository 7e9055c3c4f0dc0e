using System.Text;
using Microsoft.AspNetCore.Http;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.Platform.Api;

/// <summary>Whatever a caller sends as a body is read or refused with the right status, and all bad fields are told at once.</summary>
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
            Assert.True((await RequestBody.ReadAsync(context)).Has("a"));
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
        Assert.False((await RequestBody.ReadAsync(Request(""), optional: true)).Has("a"));
    }

    [Fact]
    public void All_bad_fields_are_reported_at_once_nested_ones_with_their_path()
    {
        var body = Parse(
            """
            {"text":7,"long":"xxxxxx","blank":"  ","control":"a\u0000b","number":"7","big":11,"fraction":1.5,"time":"yesterday","id":"7",
             "email":"nobody","list":["a",7],"object":[],"choice":"other","surrogate":"\ud800","owner":{"email":"x"}}
            """);
        body.RequiredText("missing", 5);
        body.RequiredText("text", 5);
        body.OptionalText("long", 5);
        body.RequiredText("blank", 5);
        body.OptionalText("control", 5);
        body.OptionalText("surrogate", 5);
        body.OptionalInteger("number", 1, 10);
        body.OptionalInteger("big", 1, 10);
        body.RequiredInteger("fraction", 1, 10);
        body.OptionalTime("time");
        body.OptionalId("id");
        body.RequiredEmail("email");
        body.Texts("list", 1, 5, 5);
        body.OpaqueObject("object", 100);
        body.Choice("choice", ["one", "two"], "one");
        body.Nested("owner", owner => owner.RequiredEmail("email"));

        var refused = Assert.Throws<ApiException>(body.ThrowIfInvalid);

        Assert.Equal((422, "VALIDATION.FAILED"), (refused.Error.Status, refused.Error.Code));
        Assert.Equal(
            ["big", "blank", "choice", "control", "email", "fraction", "id", "list", "long", "missing", "number", "object", "owner.email", "surrogate", "text", "time"],
            refused.Error.Details.Keys);
    }

    [Fact]
    public void Good_fields_are_read_and_unknown_ones_ignored()
    {
        var id = Guid.CreateVersion7();
        var body = Parse(
            $$"""
            {"text":" ä ","number":9007199254740993,"time":"2026-04-03T12:00:00+02:00","id":"{{id}}","email":"a@b.c","list":["x"],"object":{"a": 1},
             "choice":"two","null":null,"unknown":[1]}
            """);

        Assert.Equal("ä", body.RequiredText("text", 5));
        Assert.Equal(9007199254740993, body.RequiredInteger("number", 1, long.MaxValue));
        Assert.Equal(new DateTimeOffset(2026, 4, 3, 10, 0, 0, TimeSpan.Zero), body.OptionalTime("time"));
        Assert.Equal(id, body.OptionalId("id"));
        Assert.Equal("a@b.c", body.RequiredEmail("email").Value);
        Assert.Equal(["x"], body.Texts("list", 1, 5, 5));
        Assert.Equal("{\"a\": 1}", body.OpaqueObject("object", 100));
        Assert.Equal("two", body.Choice("choice", ["one", "two"], "one"));
        Assert.Null(body.OptionalText("null", 5));
        body.ThrowIfInvalid();
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
