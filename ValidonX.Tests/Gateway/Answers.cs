using System.Net;
using System.Text.Json;

namespace ValidonX.Tests.Gateway;

/// <summary>What every answer of the gateway must look like (CONTRACT §1).</summary>
internal static class Answers
{
    /// <summary>Asserts the whole envelope of a refusal and its headers.</summary>
    public static async Task<JsonElement> IsErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"Expected {(int)status} {code}, got {(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(text);
        var error = document.RootElement.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(code[..code.IndexOf('.', StringComparison.Ordinal)].ToLowerInvariant(), error.GetProperty("type").GetString());
        Assert.Equal((int)status, error.GetProperty("status").GetInt32());
        Assert.Equal(JsonValueKind.Object, error.GetProperty("details").ValueKind);
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        var meta = document.RootElement.GetProperty("meta");
        Assert.Equal("1", meta.GetProperty("api_version").GetString());
        Assert.Equal(meta.GetProperty("request_id").GetString(), response.Headers.GetValues("X-Request-ID").Single());
        Assert.Equal("1", response.Headers.GetValues("X-ValidonX-API-Version").Single());
        return error.Clone();
    }
}
