using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ValidonX.Tests.EndToEnd;

/// <summary>Someone who calls the public API, with what proves who they are.</summary>
internal sealed class Caller(HttpClient http, string? bearerToken, string? apiKey)
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public HttpClient Http { get; } = http;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Delete, path, null, headers);

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public Task<Answer> PutAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, body, headers);

    /// <summary>Validates a license.</summary>
    public Task<Answer> ValidateAsync(string licenseKey) => PostAsync($"/v1/integration/licenses/{Uri.EscapeDataString(licenseKey)}/validate");

    /// <summary>Activates an instance.</summary>
    public Task<Answer> ActivateAsync(string licenseKey, string instanceId) =>
        PostAsync("/v1/integration/activations", new { license_key = licenseKey, instance_id = instanceId });

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (bearerToken is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearerToken);
        }

        if (apiKey is not null)
        {
            request.Headers.Add("X-API-Key", apiKey);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, options: SnakeCase),
        };
        using var response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }
}
