using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ValidonX.AppHost;

/// <summary>The little of the public API that the dashboard's commands need, through the gateway like any other operator.</summary>
internal sealed class OperatorApi : IDisposable
{
    private readonly HttpClient _http;

    private OperatorApi(HttpClient http) => _http = http;

    /// <summary>Logs in.</summary>
    /// <exception cref="HttpRequestException">The gateway refuses or is not there.</exception>
    public static async Task<OperatorApi> LoginAsync(Uri gateway, string email, string password, CancellationToken cancellationToken)
    {
        var api = new OperatorApi(new HttpClient { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) });
        try
        {
            var session = await api.PostAsync("/auth/login", new JsonObject { ["email"] = email, ["password"] = password }, cancellationToken);
            api._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)session["token"]!);
            return api;
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tenant by its id or its slug.</summary>
    /// <exception cref="HttpRequestException">There is none.</exception>
    public async Task<JsonNode> TenantAsync(string idOrSlug, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(idOrSlug, out var id))
            return await GetAsync($"/v1/admin/tenants/{id}", cancellationToken);

        var found = (await GetAsync($"/v1/admin/tenants?search={Uri.EscapeDataString(idOrSlug)}", cancellationToken)).AsArray();
        var tenant = found.FirstOrDefault(tenant => (string?)tenant!["slug"] == idOrSlug)
            ?? throw new HttpRequestException($"There is no tenant '{idOrSlug}'.");
        return await GetAsync($"/v1/admin/tenants/{(string)tenant["id"]!}", cancellationToken);
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonNode> PostAsync(string path, JsonObject? body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);

        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return response.IsSuccessStatusCode
            ? answer!["data"]!
            : throw new HttpRequestException($"{(int)response.StatusCode}: {answer?["error"]?["message"]}");
    }
}
