using System.Net.Http.Json;
using System.Text.Json;
using ValidonX.Platform.Callers;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi;

/// <summary>Someone who calls a replica with a context as the gateway signs it.</summary>
/// <param name="client">How to reach an API.</param>
/// <param name="contextFor">The header for a method and path; <see langword="null"/> sends none.</param>
internal sealed class ApiCaller(HttpClient client, Func<string, string, string?> contextFor)
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Someone whom the gateway knows.</summary>
    public ApiCaller(LicensingApiUnderTest replica, LicensingPlatform platform, CallerContext context)
        : this(replica.Client, (method, path) => platform.Sign(context, method, path))
    {
    }

    /// <summary>Someone with this very header.</summary>
    public ApiCaller(LicensingApiUnderTest replica, string? header)
        : this(replica.Client, (_, _) => header)
    {
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> PutAsync(string path, object? body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> PatchAsync(string path, object? body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> PostAsync(string path, object? body = null, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, path, body, idempotencyKey is null ? [] : [("Idempotency-Key", idempotencyKey)]);

    public Task<Answer> ValidateAsync(string licenseKey) => PostAsync($"/v1/integration/licenses/{Uri.EscapeDataString(licenseKey)}/validate");

    public Task<Answer> ActivateAsync(string licenseKey, string instanceId, string? idempotencyKey = null) =>
        PostAsync("/v1/integration/activations", new { license_key = licenseKey, instance_id = instanceId }, idempotencyKey);

    public Task<Answer> RecordAsync(string licenseKey, string metric, long quantity, string? idempotencyKey = null) =>
        PostAsync("/v1/integration/usage/record", new { license_key = licenseKey, metric, quantity }, idempotencyKey);

    public Task<Answer> CheckAsync(string licenseKey, params string[] features) =>
        PostAsync("/v1/integration/entitlements/check", new { license_key = licenseKey, features });

    public Task<Answer> ResolveAsync(string licenseKey, params string[]? features) =>
        PostAsync("/v1/integration/licensing/resolve", new { license_key = licenseKey, features = features is { Length: > 0 } ? features : null });

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (contextFor(method.Method, path) is { } signed)
        {
            request.Headers.Add("X-ValidonX-Internal-Context", signed);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, options: SnakeCase),
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }
}
