using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace ValidonX.Tests.EndToEnd;

/// <summary>An answer of the public API. Reading one checks what every answer has: envelope, request id, version (CONTRACT §1).</summary>
internal sealed class Answer
{
    private readonly JsonNode? _body;

    private Answer(int status, HttpResponseHeaders headers, JsonNode? body)
    {
        Status = status;
        Headers = headers;
        _body = body;
    }

    public int Status { get; }

    public HttpResponseHeaders Headers { get; }

    public JsonNode Data => _body!["data"] ?? throw new InvalidOperationException($"No data: {_body!.ToJsonString()}");

    public JsonNode Meta => _body!["meta"]!;

    public JsonNode Error => _body!["error"] ?? throw new InvalidOperationException($"No error: {_body!.ToJsonString()}");

    public string Code => (string)Error["code"]!;

    public JsonNode Details => Error["details"]!;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var status = (int)response.StatusCode;
        var requestId = Assert.Single(response.Headers.GetValues("X-Request-ID"));
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("X-ValidonX-API-Version")));
        Assert.False(response.Headers.Contains("Server"), "The answer names its server software.");
        if (status == 204)
        {
            Assert.Empty(text);
            return new Answer(status, response.Headers, null);
        }

        var body = JsonNode.Parse(text)!;
        Assert.Equal(requestId, (string?)body["meta"]!["request_id"]);
        Assert.Equal("1", (string?)body["meta"]!["api_version"]);
        if (status >= 400)
        {
            var error = body["error"]!;
            Assert.Equal(status, (int)error["status"]!);
            Assert.Equal(((string)error["code"]!).Split('.')[0].ToLowerInvariant(), (string?)error["type"]);
            Assert.NotEmpty((string)error["message"]!);
            Assert.NotNull(error["details"] as JsonObject);
        }
        else
        {
            Assert.NotNull(body["data"]);
        }

        return new Answer(status, response.Headers, body);
    }

    public Answer ShouldBe(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {_body?.ToJsonString()}");
        return this;
    }

    public Answer ShouldBe(int status, string code)
    {
        ShouldBe(status);
        Assert.Equal(code, Code);
        return this;
    }

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public override string ToString() => $"{Status} {_body?.ToJsonString()}";
}
